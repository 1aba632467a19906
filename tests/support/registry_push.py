# SPDX-License-Identifier: Apache-2.0
"""The registry of registry.py as one that can be pushed to, as badly as it is told."""
import re
import urllib.parse

from registry import Content, Registry, Reply, digest_of


class PushRegistry(Registry):
    """What `wants` says:
    mount        blobs of other repositories are taken from there
    cuts         after so many bytes each PATCH is cut, one after the other
    forgets      an upload that was cut is unknown afterwards
    lies         what arrived is told as more than it is, once: the next PATCH gets 416
    elsewhere    uploads go to the storage server
    loses        the answer of the commit is lost, once
    referrers    manifests with a subject are understood
    minimum      so many bytes each PATCH but the last of a blob has to have
    """

    def __init__(self, directory, fault=None, auth=None, tls="server", **wants):
        super().__init__(directory, fault, auth, tls, Content(size=1))
        self.content.blobs, self.content.manifests, self.content.tags = {}, {}, {}
        self.wants, self.uploads, self.pieces = wants, {}, {}
        self.cuts = list(wants.get("cuts", []))

    def read_body(self, request, stream, length):
        upload = self.uploads.get(request.path)
        if request.method != "PATCH" or upload is None:
            super().read_body(request, stream, length)
            return
        start = int(request.headers.get("content-range", "0-").partition("-")[0])
        if start != len(upload):
            super().read_body(request, stream, length)
            request.sent = 416  # how answer() knows
            return
        cut = self.cuts.pop(0) if self.cuts else None
        request.body = stream.read(length if cut is None else cut)
        upload += request.body
        request.sent = 0 if cut is None else -1

    def answer(self, request):
        if request.server == "storage" and request.path in self.uploads:
            return self.upload(request)
        return super().answer(request)

    def serve(self, request):
        if request.path in self.uploads:
            return self.upload(request)
        if request.method == "POST" and request.path.endswith("/blobs/uploads/"):
            return self.begin(request)
        found = re.fullmatch(r"/v2/(.+)/manifests/(.+)", request.path)
        if request.method == "PUT" and found:
            return self.put_manifest(request, found[2])
        if request.path.startswith("/v2/") and "/blobs/uploads/" in request.path:
            return Reply(404)
        return super().serve(request)

    def begin(self, request):
        query = urllib.parse.parse_qs(request.query)
        if "mount" in query and self.wants.get("mount"):
            self.content.blobs[query["mount"][0]] = b"mounted"
            return Reply(201)
        path = f"/v2/{self.repository}/blobs/uploads/{len(self.uploads)}"
        self.uploads[path], self.pieces[path] = bytearray(), []
        return self.to_upload(path, 202)

    def to_upload(self, path, status):
        base = self.storage.url if self.wants.get("elsewhere") else ""
        headers = {"Location": f"{base}{path}?state=a%2Fb&x=1"}
        if self.wants.get("minimum"):
            headers["OCI-Chunk-Min-Length"] = str(self.wants["minimum"])
        if self.uploads[path]:
            headers["Range"] = f"0-{len(self.uploads[path]) - 1}"
        return Reply(status, headers)

    def upload(self, request):
        upload = self.uploads[request.path]
        if request.query.split("&")[0] != "state=a%2Fb":
            return Reply(400)
        if request.method == "PATCH" and request.sent == 416:
            return Reply(416, self.to_upload(request.path, 416).headers)
        if request.method == "PATCH" and request.sent == 0:
            self.pieces[request.path].append(len(request.body))
        if request.method == "PATCH" and request.sent == -1:
            if self.wants.get("forgets"):
                del self.uploads[request.path]
            return None
        if request.method == "GET":
            reply = self.to_upload(request.path, 204)
            if self.wants.get("lies") and self.first_time("lie"):
                reply.headers["Range"] = f"0-{len(upload)}"
            return reply
        return self.commit(request, upload) if request.method == "PUT" else self.to_upload(request.path, 202)

    def commit(self, request, upload):
        digest = urllib.parse.parse_qs(request.query)["digest"][0]
        if digest_of(bytes(upload)) != digest:
            return Reply(400, {}, b'{"errors":[{"code":"DIGEST_INVALID"}]}')
        if any(size < self.wants.get("minimum", 0) for size in self.pieces[request.path][:-1]):
            return Reply(400, {}, b'{"errors":[{"code":"BLOB_UPLOAD_INVALID"}]}')
        self.content.blobs[digest] = bytes(upload)
        del self.uploads[request.path]
        if self.wants.get("loses") and self.first_time("lost"):
            return None
        return Reply(201, {"Location": f"/v2/{self.repository}/blobs/{digest}"})

    def put_manifest(self, request, name):
        tags = [] if name.startswith("sha256:") else [name]
        entry = self.content.add_manifest(request.body, request.headers["content-type"], *tags)
        headers = {"Docker-Content-Digest": entry["digest"]}
        if self.wants.get("referrers"):
            headers["OCI-Subject"] = entry["digest"]
        return Reply(201, headers)
