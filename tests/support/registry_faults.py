# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a registry: each function takes the honest reply and returns what is sent."""
import dataclasses
import json
import time
from email.utils import formatdate

from registry import INDEX, MANIFEST, Reply, as_json, digest_of

HALF = 500_000  # within the big blob


def changed(reply, **members):
    return dataclasses.replace(reply, **members)


def with_header(reply, name, value):
    return changed(reply, headers={**reply.headers, name: value})


def on(matches):
    """A fault that touches only the requests that `matches` picks."""
    def decorate(function):
        def fault(registry, request, reply):
            return function(registry, request, reply) if matches(registry, request) else reply
        fault.__name__ = function.__name__
        return fault
    return decorate


def is_manifest(_, request):
    return request.server == "registry" and "/manifests/" in request.path


def is_tag(_, request):
    return request.path.endswith("/manifests/1")


def is_child(registry, request):
    return is_manifest(registry, request) and "sha256:" in request.path


def is_blob(registry, request):
    return request.server == "registry" and registry.is_big_blob(request)


def is_token(_, request):
    return request.server == "auth"


def everything(_, request):
    return request.server == "registry"


# ---- answers of any kind

def times(count, status, **headers):
    """The first `count` times another status."""
    def fault(registry, request, reply):
        registry.count[request.path] += 1
        return Reply(status, headers) if registry.count[request.path] <= count else reply
    return fault


def always(status, headers=None, body=b""):
    return lambda registry, request, reply: Reply(status, headers or {}, body)


manifest_500_once = on(is_tag)(times(1, 500))
manifest_502_twice = on(is_tag)(times(2, 502))
manifest_503_retry_after = on(is_tag)(times(1, 503, **{"Retry-After": "1"}))
manifest_503_forever = on(is_tag)(always(503))
manifest_429_once = on(is_tag)(times(1, 429, **{"Retry-After": "1"}))
manifest_429_for_an_hour = on(is_tag)(always(429, {"Retry-After": "3600"}))
manifest_404 = on(is_tag)(always(404, {}, b"<html>gone</html>"))
manifest_403 = on(is_tag)(always(403, {}, as_json({"errors": [{"message": "forbidden \x1b[31m"}]})))
blob_404 = on(is_blob)(always(404))
blob_503_once = on(is_blob)(times(1, 503))
token_500_once = on(is_token)(times(1, 500))
token_not_json = on(is_token)(always(200, {}, b"<html>"))
token_missing = on(is_token)(always(200, {}, b'{"expires_in": 60}'))
token_with_line_break = on(is_token)(always(200, {}, as_json({"token": "a\r\nX-Evil: 1"})))
token_too_big = on(is_token)(always(200, {}, as_json({"token": "a" * (2 << 20)})))


@on(is_tag)
def manifest_429_until_a_date(registry, request, reply):
    if not registry.first_time("date"):
        return reply
    return Reply(429, {"Retry-After": formatdate(time.time() + 2, usegmt=True)})


@on(everything)
def endless_error(registry, request, reply):
    return Reply(500, {}, b"x" * 65536, endless=True)


@on(everything)
def too_many_headers(registry, request, reply):
    return changed(reply, headers={**reply.headers, **{f"X-{i}": "v" * 4000 for i in range(90)}})


# ---- manifests

@on(is_tag)
def manifest_too_big(registry, request, reply):
    return changed(reply, body=b" " * (5 << 20))


@on(is_tag)
def manifest_endless(registry, request, reply):
    return changed(reply, body=b" " * 65536, endless=True)


@on(is_tag)
def manifest_cut_once(registry, request, reply):
    return changed(reply, cut=10) if registry.first_time("cut") else reply


@on(is_tag)
def manifest_cut_forever(registry, request, reply):
    return changed(reply, cut=10)


def manifest_body(make):
    """The tag's document is another one, whose digest is right."""
    @on(is_tag)
    def fault(registry, request, reply):
        body = make(registry, json.loads(reply.body))
        body = body if isinstance(body, bytes) else as_json(body)
        return changed(reply, body=body, headers={**reply.headers, "Docker-Content-Digest": digest_of(body)})
    return fault


manifest_not_json = manifest_body(lambda registry, index: b"<html>")
manifest_with_duplicate_keys = manifest_body(
    lambda registry, index: as_json(index)[:-1] + b', "mediaType": "' + INDEX.encode() + b'"}')
manifest_is_an_index_too = manifest_body(
    lambda registry, index: {**index, "config": registry.content.manifest["config"], "layers": []})
manifest_of_schema_1 = manifest_body(lambda registry, index: {"schemaVersion": 1, "fsLayers": []})
index_without_platform = manifest_body(lambda registry, index: {**index, "manifests": []})
child_digest_is_a_path = manifest_body(
    lambda registry, index: {**index, "manifests": [{**index["manifests"][0], "digest": "sha256:../../x"}]})
child_size_is_wrong = manifest_body(
    lambda registry, index: {**index, "manifests": [{**index["manifests"][0], "size": 7}]})


@manifest_body
def index_in_itself(registry, index):
    inner = registry.content.add_manifest(index, INDEX)
    for _ in range(20):
        inner = registry.content.add_manifest(
            {"schemaVersion": 2, "mediaType": INDEX,
             "manifests": [{**inner, "platform": {"os": "linux", "architecture": "amd64"}}]}, INDEX)
    return registry.content.manifests[inner["digest"]]


@on(is_tag)
def header_of_another_type(registry, request, reply):
    return with_header(reply, "Content-Type", MANIFEST)


@on(is_tag)
def header_of_any_type(registry, request, reply):
    return with_header(reply, "Content-Type", "application/json; charset=utf-8")


@on(is_tag)
def no_content_type(registry, request, reply):
    return changed(reply, headers={})


@on(is_tag)
def digest_header_is_wrong(registry, request, reply):
    return with_header(reply, "Docker-Content-Digest", "sha256:" + "0" * 64)


@on(is_child)
def child_is_another(registry, request, reply):
    return changed(reply, body=reply.body.replace(b'"schemaVersion"', b'"schemaversion"'))


# ---- authentication

def challenge(make):
    @on(everything)
    def fault(registry, request, reply):
        return with_header(reply, "WWW-Authenticate", make(registry)) if reply.status == 401 else reply
    return fault


several_challenges = challenge(lambda r: ["Negotiate", f'Basic realm="x, y", {r.challenge()}'])
unknown_scheme = challenge(lambda r: "Negotiate")
challenge_without_realm = challenge(lambda r: 'Bearer service="test"')
challenge_is_garbage = challenge(lambda r: '"\x7f,,,=')
realm_is_plain = challenge(lambda r: f'Bearer realm="{r.canary.url}/token",service="test"')
realm_is_a_file = challenge(lambda r: 'Bearer realm="file:///etc/passwd"')


@on(everything)
def never_satisfied(registry, request, reply):
    return Reply(401, {"WWW-Authenticate": registry.challenge()})


@on(is_token)
def anonymous_refused(registry, request, reply):
    return reply if request.authorization else Reply(401)


@on(is_token)
def token_is_named_access_token(registry, request, reply):
    return changed(reply, body=reply.body.replace(b'"token"', b'"access_token"'))


def token_expires(registry, request, reply):
    """Each token is good for the manifests alone; blobs want a newer one."""
    if request.server == "auth" and reply.status == 200:
        registry.count["token"] += 1
        registry.tokens = {f'token-{registry.count["token"]}'}
        return changed(reply, body=as_json({"token": max(registry.tokens)}))
    if is_blob(registry, request) and registry.first_time("expired"):
        registry.tokens = set()
        return Reply(401, {"WWW-Authenticate": registry.challenge()})
    return reply


@on(is_token)
def token_server_redirects(registry, request, reply):
    return Reply(302, {"Location": f"{registry.storage.url}/steal"})


# ---- redirects

def redirect(make, matches=is_blob, status=307):
    @on(matches)
    def fault(registry, request, reply):
        return Reply(status, {"Location": make(registry, request)})
    return fault


def in_storage(registry, request):
    return f"{registry.storage.url}/storage/{registry.big_blob()}"


blob_in_storage = redirect(in_storage)
blob_in_storage_by_301 = redirect(in_storage, status=301)
blob_in_plain_storage = redirect(lambda r, _: f"{r.canary.url}/{r.big_blob()}")
blob_in_a_file = redirect(lambda r, _: "file:///etc/passwd")
blob_with_a_user = redirect(lambda r, _: f"https://a:b@{r.storage.host}/{r.big_blob()}")
redirect_loop = redirect(lambda r, request: request.path)
redirect_without_location = on(is_blob)(always(307))
localhost_is_elsewhere = redirect(
    lambda r, request: in_storage(r, request).replace("127.0.0.1", "localhost"))


@on(is_blob)
def blob_in_the_same_place(registry, request, reply):
    if request.query:
        return reply
    return Reply(307, {"Location": request.path + "?signed=1"})


@on(lambda registry, request: request.path.endswith(registry.big_blob()))
def storage_asks_who_we_are(registry, request, reply):
    if request.server == "registry":
        return Reply(307, {"Location": in_storage(registry, request)})
    return Reply(401, {"WWW-Authenticate": registry.challenge()})


@on(is_tag)
def manifest_in_storage(registry, request, reply):
    digest = registry.content.tags["1"]
    registry.content.blobs[digest] = registry.content.manifests[digest]
    return Reply(302, {"Location": f"{registry.storage.url}/storage/{digest}"})


# ---- blobs

@on(is_blob)
def blob_drop_once(registry, request, reply):
    return changed(reply, cut=HALF) if registry.first_time("drop") else reply


@on(is_blob)
def blob_reset_once(registry, request, reply):
    return changed(reply, cut=HALF, end="reset") if registry.first_time("drop") else reply


@on(is_blob)
def blob_drop_every_100k(registry, request, reply):
    return changed(reply, cut=100_000)


@on(is_blob)
def blob_drop_at_once(registry, request, reply):
    return changed(reply, cut=0)


@on(is_blob)
def blob_chunked_drop_once(registry, request, reply):
    return changed(reply, chunked=True, cut=HALF) if registry.first_time("drop") else changed(reply, chunked=True)


def whole(registry, reply):
    return Reply(200, {}, registry.content.blobs[registry.big_blob()])


@on(is_blob)
def blob_drop_without_ranges(registry, request, reply):
    reply = whole(registry, reply)
    return changed(reply, cut=HALF) if registry.first_time("drop") else reply


@on(is_blob)
def blob_drop_then_416(registry, request, reply):
    if registry.first_time("drop"):
        return changed(reply, cut=HALF)
    return Reply(416) if "range" in request.headers else reply


@on(is_blob)
def blob_drop_then_another_range(registry, request, reply):
    if registry.first_time("drop"):
        return changed(reply, cut=HALF)
    return with_header(reply, "Content-Range", reply.headers["Content-Range"].replace(" 5", " 6", 1))


@on(is_blob)
def blob_drop_then_no_content_range(registry, request, reply):
    if registry.first_time("drop"):
        return changed(reply, cut=HALF)
    return changed(reply, headers={})


@on(is_blob)
def blob_ends_well_but_early_once(registry, request, reply):
    return changed(reply, body=reply.body[:HALF]) if registry.first_time("drop") else reply


@on(is_blob)
def blob_is_shorter(registry, request, reply):
    body = registry.content.blobs[registry.big_blob()][:HALF]
    start = len(body) if "range" in request.headers else 0
    return Reply(416) if start else Reply(200, {}, body)


@on(is_blob)
def blob_is_longer(registry, request, reply):
    return changed(reply, body=reply.body + b"x")


@on(is_blob)
def blob_is_endless(registry, request, reply):
    return changed(reply, endless=True)


@on(is_blob)
def blob_is_another(registry, request, reply):
    return changed(reply, body=bytes([reply.body[0] ^ 1]) + reply.body[1:])


@on(is_blob)
def blob_stalls_once(registry, request, reply):
    return changed(reply, cut=HALF, end="silence") if registry.first_time("stall") else reply


@on(is_blob)
def blob_stalls_forever(registry, request, reply):
    return changed(reply, cut=0, end="silence")


@on(is_blob)
def blob_drips(registry, request, reply):
    return changed(reply, drip=0.5)


@on(is_blob)
def blob_is_compressed_again(registry, request, reply):
    return with_header(reply, "Content-Encoding", "gzip")


def foreign_layer(url):
    """The big layer is elsewhere: its descriptor names a URL, and the registry does not have it."""
    def fault(registry, request, reply):
        if is_blob(registry, request):
            return Reply(404)
        if registry.first_time("foreign"):
            layers = [{**registry.content.layers[0], "urls": [url(registry, request)]},
                      registry.content.layers[1]]
            registry.content.put_image({**registry.content.manifest, "layers": layers})
            return registry.answer(request)
        return reply
    return fault


layer_elsewhere = foreign_layer(in_storage)
layer_elsewhere_in_plain = foreign_layer(lambda r, _: f"{r.canary.url}/{r.big_blob()}")
layer_elsewhere_asks_who_we_are = foreign_layer(lambda r, _: f"{r.storage.url}/secret")
