# SPDX-License-Identifier: Apache-2.0
# Completion of wolffia-image, rendered from its option table: see src/cli/completion.hpp.
function __wolffia_image_at
  set -l words (commandline -opc)
  set -e words[1]
  while set -q words[1]
    switch $words[1]
      case --store
        set -e words[1]
      case '-*'
      case '*'
        break
    end
    set -e words[1]
  end
  test "$words[1]" = "$argv"
end
complete -c wolffia-image -f
complete -c wolffia-image -n '__wolffia_image_at' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at' -l version -d 'show the version and exit'
complete -c wolffia-image -n '__wolffia_image_at' -l store -x -a '(__fish_complete_directories)' -d 'the store; else $WOLFFIA_STORE'
complete -c wolffia-image -n '__wolffia_image_at' -a pull -d 'put an image into the store and print its id'
complete -c wolffia-image -n '__wolffia_image_at pull' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at pull' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at pull' -l name -x -d 'the name it gets in the store'
complete -c wolffia-image -n '__wolffia_image_at pull' -l keep-blobs -d 'keep the layers as they came too'
complete -c wolffia-image -n '__wolffia_image_at pull' -l store -x -a '(__fish_complete_directories)' -d 'the store; else $WOLFFIA_STORE'
complete -c wolffia-image -n '__wolffia_image_at pull' -l progress -x -a 'auto bar plain json none' -d 'auto: bars on a terminal, else lines'
complete -c wolffia-image -n '__wolffia_image_at pull' -l quiet -s q -d 'as --progress none'
complete -c wolffia-image -n '__wolffia_image_at pull' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at pull' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at pull' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at pull' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at pull' -l policy -r -F -d 'what images may be used; else policy.json'
complete -c wolffia-image -n '__wolffia_image_at pull' -F
complete -c wolffia-image -n '__wolffia_image_at' -a unpack -d 'unpack an image\'s files into a new directory'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l progress -x -a 'auto bar plain json none' -d 'auto: bars on a terminal, else lines'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l quiet -s q -d 'as --progress none'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at unpack' -l policy -r -F -d 'what images may be used; else policy.json'
complete -c wolffia-image -n '__wolffia_image_at unpack' -F
complete -c wolffia-image -n '__wolffia_image_at' -a copy -d 'copy an image byte by byte'
complete -c wolffia-image -n '__wolffia_image_at copy' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at copy' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at copy' -l all -s a -d 'the images of all platforms'
complete -c wolffia-image -n '__wolffia_image_at copy' -l progress -x -a 'auto bar plain json none' -d 'auto: bars on a terminal, else lines'
complete -c wolffia-image -n '__wolffia_image_at copy' -l quiet -s q -d 'as --progress none'
complete -c wolffia-image -n '__wolffia_image_at copy' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at copy' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at copy' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at copy' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at copy' -l policy -r -F -d 'what images may be used; else policy.json'
complete -c wolffia-image -n '__wolffia_image_at copy' -F
complete -c wolffia-image -n '__wolffia_image_at' -a inspect -d 'show what an image says of itself, as JSON'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l raw -d 'the manifest or index as it is'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l config -d 'the config as it is'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at inspect' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at inspect' -F
complete -c wolffia-image -n '__wolffia_image_at' -a sign -d 'sign an image of a registry, as cosign does'
complete -c wolffia-image -n '__wolffia_image_at sign' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at sign' -l key -r -F -d 'a PEM key, as of cosign'
complete -c wolffia-image -n '__wolffia_image_at sign' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at sign' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at sign' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at sign' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at sign' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at' -a verify -d 'check that an image of a registry is signed'
complete -c wolffia-image -n '__wolffia_image_at verify' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at verify' -l key -r -F -d 'a PEM key, as of cosign'
complete -c wolffia-image -n '__wolffia_image_at verify' -l platform -x -d 'of several images the one for this platform'
complete -c wolffia-image -n '__wolffia_image_at verify' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at verify' -l creds -x -d 'credentials for this registry'
complete -c wolffia-image -n '__wolffia_image_at verify' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at verify' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at' -a login -d 'check and remember credentials for a registry'
complete -c wolffia-image -n '__wolffia_image_at login' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at login' -l username -s u -x -d 'who to log in as; else asked for'
complete -c wolffia-image -n '__wolffia_image_at login' -l password-stdin -d 'read the password from standard input'
complete -c wolffia-image -n '__wolffia_image_at login' -l authfile -r -F -d 'credentials; else those of podman, docker'
complete -c wolffia-image -n '__wolffia_image_at login' -l cert-dir -x -a '(__fish_complete_directories)' -d 'certificates, as in certs.d'
complete -c wolffia-image -n '__wolffia_image_at login' -l tls-verify -a 'true false' -d 'false: take any certificate, and plain http'
complete -c wolffia-image -n '__wolffia_image_at' -a logout -d 'forget the credentials for a registry'
complete -c wolffia-image -n '__wolffia_image_at logout' -l help -s h -d 'show this and exit'
complete -c wolffia-image -n '__wolffia_image_at logout' -l authfile -r -F -d 'credentials; else those of podman, docker'
