# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a cluster's API: kubeconfig, one pool of connections, plain JSON.

The `kubernetes` client reads the kubeconfig and knows its many ways to authenticate. Its object model is left out: for
thousands of objects it costs more than everything else together.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

_PAGE = 500
_FORBIDDEN = re.compile(r'User "([^"]+)" cannot (\w+) resource "([^"]+)" in API group "([^"]*)" ?(.*)$')
_JSON = "application/json"
# The API server leaves spec and status out: of CRDs only name and annotations are wanted, and they are large.
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class ClusterError(Exception):
    """The cluster cannot be reached at all; the message says which, why and what to do."""


class Unreadable(Exception):
    """One thing could not be read; the text is the reason."""


class Api:
    """Reads, and where asked deletes, by path."""

    def __init__(self, kubeconfig: str | None, context: str, timeout: int) -> None:
        self.timeout = timeout
        self.source = _kubeconfig(kubeconfig)
        client = _client(self.source, context, timeout)
        self.host = str(client.configuration.host).rstrip("/")
        self._pool = client.rest_client.pool_manager
        self._configuration = client.configuration
        # Kept alive: it owns the temporary files of the client certificate.
        self._client = client

    def version(self) -> dict[str, Any]:
        """Read the version. It is the first request, so its failure is that of the whole cluster."""
        try:
            found = self.get("/version")
        except Unreadable as reason:
            if str(reason).startswith("401"):
                raise ClusterError(
                    f"The API server {self.host} does not accept the credentials of kubeconfig {self.source or 'of this pod'}. "
                    "Renew them (kubeadm certs renew admin.conf), or set zerotrust_kubeconfig to one that is valid."
                ) from None
            raise self.unreachable(str(reason)) from None
        return found or {}

    def unreachable(self, reason: str) -> ClusterError:
        where = f" (kubeconfig {self.source})" if self.source else ""
        return ClusterError(
            f"The API server {self.host}{where} cannot be used: {reason}. "
            f"Check that it runs and that this host reaches it: kubectl{f' --kubeconfig {self.source}' if self.source else ''} "
            "get --raw /version"
        )

    def get(self, path: str, query: Mapping[str, Any] | None = None, accept: str = _JSON) -> dict[str, Any] | None:
        """Read one object or list; None when it is not there."""
        status, body = self._request("GET", path, query, accept=accept)
        if status == 404:
            return None
        if status != 200:
            raise Unreadable(_refusal(status, body))
        try:
            found = json.loads(body)
        except ValueError:
            raise Unreadable("the answer is not JSON; is this the address of an API server?") from None
        if not isinstance(found, dict):
            raise Unreadable("the answer is not an object; is this the address of an API server?")
        return found

    def text(self, path: str, timeout: int) -> str | None:
        """Read a plain text; None when it is not there."""
        status, body = self._request("GET", path, None, timeout=timeout)
        if status == 404:
            return None
        if status != 200:
            raise Unreadable(_refusal(status, body))
        return body.decode(errors="replace")

    def items(
        self, path: str, query: Mapping[str, Any] | None = None, metadata_only: bool = False
    ) -> Iterator[dict[str, Any]] | None:
        """Read a list page by page; None when the API server does not know the kind."""
        accept = _METADATA if metadata_only else _JSON
        first = self.get(path, {**(query or {}), "limit": _PAGE}, accept)
        return None if first is None else self._pages(path, query or {}, accept, first)

    def _pages(self, path: str, query: Mapping[str, Any], accept: str, page: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
        while page is not None:
            # Items of a list do not carry their kind.
            kind = str(page.get("kind", "")).removesuffix("List")
            for item in page.get("items") or []:
                item.setdefault("kind", kind)
                yield item
            more = (page.get("metadata") or {}).get("continue")
            page = self.get(path, {**query, "limit": _PAGE, "continue": more}, accept) if more else None

    def delete(self, path: str, preconditions: Mapping[str, str]) -> bool:
        """Delete one object, only if it is still the one that was read. Returns whether it was there."""
        body = json.dumps({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": dict(preconditions)}).encode()
        status, answer = self._request("DELETE", path, None, body)
        if status == 404:
            return False
        if status not in (200, 202):
            raise Unreadable(_refusal(status, answer))
        return True

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: bytes | None = None,
        accept: str = _JSON,
        timeout: int = 0,
    ) -> tuple[int, bytes]:
        import urllib3

        headers = {"Accept": accept, "User-Agent": "zerotrust.baremetal"}
        if body:
            headers["Content-Type"] = "application/json"
        for setting in self._configuration.auth_settings().values():
            if setting.get("in") == "header" and setting.get("value"):
                headers[setting["key"]] = setting["value"]
        url = self.host + path + ("?" + urlencode(query) if query else "")
        try:
            answer = self._pool.request(
                method,
                url,
                body=body,
                headers=headers,
                timeout=urllib3.Timeout(connect=min(self.timeout, 5), read=timeout or self.timeout),
                retries=urllib3.Retry(total=1, connect=1, read=0, redirect=0, status=0, other=0, backoff_factor=0.5),
            )
        except urllib3.exceptions.MaxRetryError as error:
            raise _connection(error.reason or error, self) from None
        except urllib3.exceptions.HTTPError as error:
            raise _connection(error, self) from None
        return answer.status, answer.data


def _connection(error: Exception, api: Api) -> Exception:
    """Return the error to raise: slowness concerns one request, anything else the whole cluster."""
    import urllib3

    if isinstance(error, urllib3.exceptions.ReadTimeoutError):
        return Unreadable("no answer in time")
    text = str(error)
    if "refused" in text:
        return api.unreachable("connection refused (nothing listens there)")
    if isinstance(error, urllib3.exceptions.ConnectTimeoutError) and "timed out" in text:
        return api.unreachable("no connection in time (host down, wrong address or a firewall)")
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate verify failed" in text:
        return api.unreachable(f"its certificate is not trusted by the kubeconfig ({_last(text)})")
    if isinstance(error, urllib3.exceptions.NameResolutionError) or "resolve" in text:
        return api.unreachable("its name cannot be resolved")
    return api.unreachable(_last(text))


def _last(text: str) -> str:
    """Return the part of a nested error text that says what happened."""
    return text.rsplit(": ", 1)[-1].strip(" ')\"") or text


def _refusal(status: int, body: bytes) -> str:
    try:
        message = str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        message = body[:200].decode(errors="replace")
    message = " ".join(message.split())
    if status == 401:
        return "401: the kubeconfig's credentials are not accepted"
    if status == 403:
        said = _FORBIDDEN.search(message)
        if not said:
            return f"403: {message}"
        user, verb, resource, group, where = said.groups()
        return f"403: {user} may not {verb} {resource}{f'.{group}' if group else ''} {where}".strip()
    return f"{status}: {message}" if message else f"HTTP status {status}"


def _kubeconfig(given: str | None) -> str:
    """Return the file to read; an empty string means: inside a pod, by its service account."""
    if given:
        path = Path(given).expanduser()
        if not path.is_file():
            raise ClusterError(
                f"The kubeconfig file {path} does not exist. Set zerotrust_kubeconfig to the path of a kubeconfig on the driver."
            )
        return str(path)
    named = os.environ.get("K8S_AUTH_KUBECONFIG") or os.environ.get("KUBECONFIG")
    if named:
        # Several files: the client merges them itself.
        return named if os.pathsep in named else _kubeconfig(named)
    home = Path("~/.kube/config").expanduser()
    if home.is_file():
        return str(home)
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return ""
    raise ClusterError(f"No kubeconfig was given, KUBECONFIG is not set and {home} does not exist. Set zerotrust_kubeconfig.")


def _client(source: str, context: str, timeout: int) -> Any:
    try:
        import kubernetes
    except ImportError as error:
        raise ClusterError(
            f"The Python package kubernetes is missing on the driver ({error}). Install it for this host's "
            "ansible_python_interpreter: "
            "pip install kubernetes"
        ) from None
    # Its functions carry no types.
    client: Any = kubernetes.client
    config: Any = kubernetes.config
    settings = client.Configuration()
    # One request at a time and object kind is under way, for all kinds at once.
    settings.connection_pool_maxsize = 16
    try:
        if source:
            config.load_kube_config(
                config_file=source, context=context or None, client_configuration=settings, persist_config=False
            )
        else:
            config.load_incluster_config(client_configuration=settings)
    except config.ConfigException as error:
        raise ClusterError(
            f"The kubeconfig {source or 'of this pod'} cannot be used: {' '.join(str(error).split())}. "
            "Check zerotrust_kubeconfig and zerotrust_context."
        ) from None
    except Exception as error:
        # A broken file makes the client raise whatever its parsers raise; none of it may reach the user as a traceback.
        raise ClusterError(
            f"The kubeconfig {source} cannot be read: {type(error).__name__}: {' '.join(str(error).split())[:300]}"
        ) from None
    return client.ApiClient(settings)
