# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Evidence that may leave the house: other names and addresses in the place of those of a site, the same each time.

The schema says what each text is. What is not known to be everybody's is replaced: a key that the schema does not know as well.
Names are replaced part by part (`web-6d4c` begins with what stands for `web`), addresses so that networks still hold what they
held, so that rules come to the same verdicts.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from . import acceptance, certificate, lets_in, misplaced, networkd, peer_digest, platform_ports, public_words, sysctl
from .address_map import AddressMap
from .schema import BUNDLE
from .schema_forms import Form

FILE = "evidence-redacted.json.gz"
NOTE = "names, addresses and what users set are replaced by others"

_LEAST_KEY = 16
_SEPARATORS = re.compile(r"([\W_]+)")
# Parts of the word of the platform that has most of them, with what stands between them.
_LONGEST_WORD = max(len(_SEPARATORS.split(word)) for word in public_words.WORDS)
# No name of Kubernetes or of a host is longer than 253 characters: it has so many parts, with what stands between them.
_MOST_PARTS = 253
_DIGITS = re.compile(r"[0-9]{1,5}")
_NUMBERED = re.compile(r"(?<![0-9])[0-9]+(?:[\W_]+[0-9]+){3}")
# Three numbers are a version, four an address; one of ten digits or more is somebody's.
_AMOUNT = re.compile(
    r"[-+v]?(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,9}){0,2}|(?:[0-9]{1,12}(?:\.[0-9]{1,9})?(?:ns|us|ms|s|m|h|d|[EPTGMKk]i?|%))+"
    r"|v[0-9]{1,3}(?:(?:alpha|beta)[0-9]{1,3})?"
)
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}))"
    r"(?:%[\w.-]+)?(?:/\d{1,3})?(?![\w.]*\w)"
)
_MAC = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}(?:[.-][0-9A-Fa-f]{4}){2})(?![\w:.-]*\w)"
)
_TOKEN = re.compile(r"\w[\w.@%+*-]*")
# What the kernel and common software call links; what follows must be a number, a slot or what Cilium makes.
_LINK = re.compile(
    r"(?:lo|eth|en[ops]|bond|br|team|vlan|dummy|docker|virbr|cni|kube-ipvs|kube-bridge|tunl|sit|gre|ib|wlp|wg|veth|tap|tun)?"
    r"(?:[0-9]{0,4}(?:[nfpsdv]{1,2}[0-9]{1,4})*(?:[.@][0-9]{1,4})?)"
    r"|(?:cilium_|lxc|cali|flannel|vxlan|weave|vethwe|antrea|ovn-k8s|netkit)[\w.@-]{0,14}"
)
_FLAG = re.compile(r"(--?[A-Za-z][\w.-]*)(?:(=)(.*))?", re.S)
_LABEL = re.compile(r"([a-z0-9.-]+\.[a-z]+)(?:/[A-Za-z0-9._-]{1,63})?")
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_OUR_FILES = tuple(path.rpartition("/")[2] for path in (sysctl.OURS, networkd.DROP_IN))
# What a host does not end with.
_FILE_ENDINGS = re.compile(
    "bak|cfg|conf|conflist|crt|d|go|json|ko|key|lock|log|md|mount|network|path|pem|py|service|sh|slice|so|sock|socket|target|tgz|toml|"
    "txt|xz|yaml|yml|zip|zst"
)


class UnfitKey(ValueError):
    """The key is none; the message says why."""


def redact(bundle: Mapping[str, Any], key: bytes) -> dict[str, Any]:
    """Return the bundle with everything replaced that is of one site. The same key makes the same replacements."""
    if len(key) < _LEAST_KEY:
        raise UnfitKey(f"a key of {len(key)} bytes is too short to keep anything: {_LEAST_KEY} or more are needed")
    made: dict[str, Any] = _Redactor(bundle, key).bundle()
    made["notes"] = [*made.get("notes", []), NOTE]
    return made


class _Redactor:
    def __init__(self, bundle: Mapping[str, Any], key: bytes) -> None:
        self._given = bundle
        self._key = hashlib.sha256(key).digest()
        self._addresses = AddressMap(self._key)
        self._made: dict[tuple[str, str], str] = {}
        self._holders: dict[str, Callable[[str], str]] = {
            "word": str,
            "name": self._name,
            "address": self._value,
            "link": self._link,
            "value": self._value,
            "argument": self._argument,
            "image": self._image,
            "label": self._label,
            "said": self._said,
            "file": self._file,
            "path": self._path,
            "identity": self._identity,
            "networks": self._networks,
            "public key": self._public_key,
            "subject": self._value,
            "acceptance": self._acceptance,
            "setting": self._setting,
            # Both were replaced as a whole before.
            "public keys": str,
            "certificates": str,
        }
        # Whole names of the site, and what charts bring themselves: that is everybody's unless it is one of the names.
        self._names: set[str] = set()
        self._brought: set[str] = set()
        # Keys of mappings that stay, for paths.
        self._kept_keys: set[str] = set(_FIELDS)
        self._learn(BUNDLE, bundle)
        self._learn_defaults()
        cilium_nodes = (bundle["api"].get("cilium") or {}).get("nodes") or {}
        keys = [one["public_key"] for one in cilium_nodes.values() if one.get("public_key")]
        self._published = peer_digest.Published(keys)
        self._renamed = peer_digest.Published(self._replaced("public key", key) for key in keys)

    def bundle(self) -> dict[str, Any]:
        return self._walk(BUNDLE, self._given)  # type: ignore[no-any-return]

    # --- What is whose ---

    def _learn(self, form: Form, value: Any) -> None:
        """Find the names of the site by the places that only names stand in."""
        holds = form.get("x-holds")
        if isinstance(value, str) and holds == "name":
            self._names.update(part for part in value.split("/") if part not in public_words.WORDS)
        elif isinstance(value, list):
            for one in value:
                self._learn(form.get("items", {}), one)
        elif isinstance(value, dict):
            known = form.get("properties", {})
            for key, inner in value.items():
                if key not in known:
                    if form.get("x-keys") == "name" and key not in public_words.WORDS:
                        self._names.add(key)
                    elif form.get("x-keys") == "word":
                        self._kept_keys.update(key.split("."))
                self._learn(known.get(key) or form.get("additionalProperties") or {}, inner)

    def _learn_defaults(self) -> None:
        """Collect what stands in a chart's own values: in what comes out of them, and not in what was given to them."""
        for one in self._given["charts"].values():
            self._brought |= _defaults(one.get("effective") or {}, one.get("values") or {})

    def _public(self, word: str) -> bool:
        return word in public_words.WORDS or (word in self._brought and word not in self._names)

    # --- The bundle, by its schema ---

    def _walk(self, form: Form, value: Any) -> Any:
        if isinstance(value, str):
            if "enum" in form or "pattern" in form:
                return value
            return self._replaced(str(form.get("x-holds", "value")), value)
        if isinstance(value, list):
            return [self._walk(form.get("items", {}), one) for one in value]
        if isinstance(value, dict):
            if "all_peers" in value:
                value = {**value, "all_peers": self._all_peers(value)}
            elif "pem" in value and "path" in value:
                value = _described(value)
            known = form.get("properties", {})
            beside = form.get("additionalProperties") or {}
            keys = str(form.get("x-keys", "setting"))
            return {
                key if key in known else self._replaced(keys, key): self._walk(known.get(key, beside), inner)
                for key, inner in value.items()
            }
        return value

    def _replaced(self, holds: str, text: str) -> str:
        made = self._made.get((holds, text))
        if made is None:
            made = self._made[holds, text] = self._holders[holds](text) if text else text
        return made

    # --- What stands for a text ---

    def _pseudonym(self, text: str, length: int = 9) -> str:
        digest = hashlib.blake2b(text.encode(), key=self._key, digest_size=20).digest()
        # Begins with a letter, and is a DNS label.
        return "x" + base64.b32encode(digest).decode().lower()[:length]

    def _name(self, text: str) -> str:
        """Replace a name part by part; what lies between stays, and so do words of the platform."""
        if self._public(text):
            return text
        # Parts, and between any two of them what separates them.
        parts = _SEPARATORS.split(text)
        # `ip-10-0-1-5` is an address too.
        numbered = bool(_NUMBERED.search(text))
        made, at = [], 0
        while at < len(parts):
            ends = range(min(len(parts), at + _LONGEST_WORD), at, -2)
            words = (("".join(parts[at:end]), end) for end in ends if "".join(parts[at:end]) in public_words.WORDS)
            one, end = next(words, (self._part(parts[at], numbered), at + 1))
            made.append(one + "".join(parts[end : end + 1]))
            at = end + 1
        return "".join(made)

    def _part(self, part: str, numbered: bool) -> str:
        return part if not part or (_DIGITS.fullmatch(part) and not numbered) else self._pseudonym(part)

    def _value(self, text: str) -> str:
        """Replace everything but addresses, which are mapped, amounts, and words that are everybody's."""
        if self._public(text) or _AMOUNT.fullmatch(text) or _is_label(text):
            return text
        return self._with_addresses(text, lambda rest: _TOKEN.sub(lambda found: self._token(found[0]), rest))

    def _token(self, token: str) -> str:
        if self._public(token) or _AMOUNT.fullmatch(token) or (_LINK.fullmatch(token) and token not in self._names):
            return token
        if token not in self._names and _of_domain(token, public_words.LABEL_DOMAINS + public_words.HOSTS):
            return token
        return self._name(token)

    def _with_addresses(self, text: str, between: Callable[[str], str]) -> str:
        made, end = [], 0
        for found in re.finditer(f"{_ADDRESS.pattern}|{_MAC.pattern}", text):
            mapped = self._mapped(found[0])
            if mapped is not None:
                made += [between(text[end : found.start()]), mapped]
                end = found.end()
        return "".join([*made, between(text[end:])])

    def _mapped(self, text: str) -> str | None:
        if _MAC.fullmatch(text):
            digest = hashlib.blake2b(text.lower().encode(), key=self._key, digest_size=5).digest()
            return ":".join(["02", *(f"{one:02x}" for one in digest)])
        try:
            return self._addresses.text(text)
        except ValueError:
            # Four numbers that are no address are one that somebody mistyped; with colons it may be a time.
            return None if ":" in text else self._pseudonym(text)

    def _link(self, text: str) -> str:
        return text if _LINK.fullmatch(text) else self._name(text)

    def _argument(self, text: str) -> str:
        flag = _FLAG.fullmatch(text)
        return f"{flag[1]}{flag[2] or ''}{self._replaced('value', flag[3] or '')}" if flag else self._value(text)

    def _file(self, text: str) -> str:
        """Replace a path, and leave of the name so much that it comes before or after our own files as it did."""
        folder, slash, name = text.rpartition("/")
        made = self._value(name)
        kept = 0
        while [made > one for one in _OUR_FILES] != [name > one for one in _OUR_FILES]:
            kept += 1
            made = name[:kept] + self._pseudonym(name)
        return self._value(folder) + slash + made

    def _image(self, text: str) -> str:
        rest, at, digest = text.partition("@")
        place, slash, last = rest.rpartition("/")
        last, colon, tag = last.partition(":")
        made = self._value(f"{place}{slash}{last}") + colon + self._value(tag)
        return made + at + (digest if made == rest else f"sha256:{self._identity(digest)}" if digest else "")

    def _label(self, text: str) -> str:
        return text if _is_label(text) else self._value(text)

    def _setting(self, text: str) -> str:
        """The key of something that a user set: one of a chart's own, or of a field that rules know, stays."""
        known = all(part in public_words.KEYS or part in _FIELDS or part in self._brought for part in text.split("."))
        return text if known or text in self._brought else self._label(text)

    def _said(self, text: str) -> str:
        return self._with_addresses(text, lambda rest: _TOKEN.sub(lambda found: self._mentioned(found[0]), rest))

    def _mentioned(self, token: str) -> str:
        """Replace what is a name of the site, or holds one, and hosts; all else of an error stays."""
        core = token.rstrip(".-")
        rest = token[len(core) :]
        parts = _SEPARATORS.split(core)
        own = core in self._names or any(
            "".join(parts[at:end]) in self._names
            for at in range(0, len(parts), 2)
            for end in range(at + 1, min(len(parts), at + _MOST_PARTS) + 1, 2)
        )
        # `cni.exclusive` has the form of a host, and is a key that we name ourselves.
        public = _of_domain(core, public_words.LABEL_DOMAINS + public_words.HOSTS) or core in misplaced.NAMED
        host = "@" in core or (_HOST.fullmatch(core) and not public and not _FILE_ENDINGS.fullmatch(core.rpartition(".")[2]))
        return (self._name(core) if own or (host and not self._of_bundle(core)) else core) + rest

    def _of_bundle(self, text: str) -> bool:
        return all(part in self._kept_keys for part in text.split("."))

    def _path(self, text: str) -> str:
        return ".".join(self._path_part(part) for part in text.split("."))

    def _path_part(self, part: str) -> str:
        if part in self._kept_keys and part not in self._names:
            return part
        return self._replaced("name" if part in self._names else "setting", part)

    def _identity(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=32).hexdigest()[: max(8, min(len(text), 64))]

    def _networks(self, digest: str) -> str:
        """A digest of what the inventory lets in stays one, of the mapped addresses; any other is of nobody knows what."""
        return self._let_in.get(digest) or self._identity(digest)

    @functools.cached_property
    def _let_in(self) -> dict[str, str]:
        sources = {tuple(one["sources"]) for one in platform_ports.openings(self._given["desired"])}
        return {
            lets_in.digest(lets_in.collapsed(one)): lets_in.digest(
                lets_in.collapsed(self._replaced("address", network) for network in one)
            )
            for one in sources
        }

    def _public_key(self, text: str) -> str:
        return base64.b64encode(hashlib.blake2b(text.encode(), key=self._key, digest_size=32).digest()).decode()

    def _acceptance(self, text: str) -> str:
        """Keep what is accepted and until when. The reason is its author's, and what is no entry stays none."""
        made = []
        for line in text.splitlines():
            kept, _wrong = acceptance.entries(line)
            made.append(
                f"{kept[0].id} until {kept[0].until}: {self._pseudonym(kept[0].reason)}"
                if kept
                else self._pseudonym(line)
                if line.strip()
                else ""
            )
        return "\n".join(made)

    def _all_peers(self, interface: Mapping[str, Any]) -> dict[str, Any]:
        every = dict(interface["all_peers"])
        try:
            every["keys"] = self._published.renamed(
                str(interface.get("public_key") or ""),
                str(every["keys"]),
                self._renamed,
                lambda key: self._replaced("public key", key),
            )
        except peer_digest.DigestError:
            every["keys"] = ""
        return every


def _described(kept: Mapping[str, Any]) -> dict[str, Any]:
    """What a certificate says instead of the certificate; nothing where it cannot be read, so that it cannot be read later."""
    try:
        return {"path": kept["path"], "described": certificate.describe(kept["pem"])}
    except certificate.CertificateError:
        return {"path": kept["path"], "pem": ""}


def _of_domain(text: str, domains: tuple[str, ...]) -> bool:
    return text.endswith(domains) and any(text == one or text.endswith(f".{one}") for one in domains)


def _is_label(text: str) -> bool:
    """Return whether it is the key of a label, annotation or taint, or an API group, of a project that everybody knows."""
    found = _LABEL.fullmatch(text)
    return bool(found and _of_domain(found[1], public_words.LABEL_DOMAINS))


def _defaults(effective: Any, given: Any) -> set[str]:
    """Return keys and texts that stand in the first, and not because of the second."""
    found: set[str] = set()
    waiting = [(effective, given)]
    while waiting:
        here, there = waiting.pop()
        if isinstance(here, Mapping):
            of_user = there if isinstance(there, Mapping) else {}
            for key, inner in here.items():
                if key not in of_user:
                    found.add(key)
                    waiting.append((inner, None))
                elif isinstance(inner, Mapping):
                    waiting.append((inner, of_user[key]))
        elif isinstance(here, list):
            waiting += [(one, None) for one in here]
        elif isinstance(here, str) and there is None:
            found.add(here)
    return found


def _fields(form: Form) -> set[str]:
    """Return every key that the schema knows."""
    found = set(form.get("properties", {}))
    for inner in (*form.get("properties", {}).values(), form.get("items"), form.get("additionalProperties")):
        found |= _fields(inner) if inner else set()
    return found


_FIELDS = frozenset(_fields(BUNDLE))
