# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes folders of manifests, as YAML or as JSON, and checks them with kubeconform and with `verdict.py`.

`manifests.py make FORMAT APPLICATIONS FOLDER`, `manifests.py WORK FOLDER...`: both programs on each folder.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

# Checks against schemas only, and is what CI systems run on manifests.
_KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0"
# Of whose swagger.json the schemas are made: the lab's own.
_KUBERNETES = "k8s.io/kubernetes"
_PINNED = Path(__file__).resolve().parents[2] / "molecule/lab/build/kubernetes/go.mod"
_NAMESPACES, _IN_ONE_FILE = 20, 10
_GROUP_VERSION_KIND = "x-kubernetes-group-version-kind"


def application(number: int) -> list[dict[str, Any]]:
    """Return what one application is made of: six objects that no rule finds fault with."""
    name, namespace = f"shop-{number}", f"team-{number % _NAMESPACES}"
    labels = {"app.kubernetes.io/name": name}
    meta = {"name": name, "namespace": namespace, "labels": labels}
    container = {
        "name": "web",
        "image": f"registry.example.com/shop/web@sha256:{number:064x}",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": key, "value": f"{key.lower()}-{number}"} for key in ("REGION", "QUEUE", "LEVEL", "UPSTREAM")],
        "envFrom": [{"configMapRef": {"name": name}}],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/alive", "port": "http"}, "periodSeconds": 10},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    pod = {
        "metadata": {"labels": labels},
        "spec": {
            "serviceAccountName": name,
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": {"matchLabels": labels},
                }
            ],
        },
    }
    rule = {"from": [{"podSelector": {}}], "ports": [{"port": 8080}, {"port": 15008}]}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {f"setting-{at}": "on" for at in range(10)}},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta,
            "spec": {"replicas": 3, "selector": {"matchLabels": labels}, "template": pod},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"selector": labels, "ports": [{"port": 80}]}},
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": meta,
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}},
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": meta,
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"], "ingress": [rule]},
        },
    ]


def namespaces() -> list[dict[str, Any]]:
    """Return the namespaces of all applications, as the rules about pods ask for them."""
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"team-{number}", "labels": labels}}
        for number in range(_NAMESPACES)
    ]


def make(form: str, applications: int, folder: Path) -> None:
    """Write a file for each ten applications, and one for the namespaces."""
    folder.mkdir()
    # As people write it, without the anchors that a library would put in.
    yaml.CSafeDumper.ignore_aliases = lambda *_given: True  # type: ignore[method-assign]
    files = {"namespaces": namespaces()}
    for first in range(0, applications, _IN_ONE_FILE):
        files[f"shops-{first}"] = [one for at in range(first, first + _IN_ONE_FILE) for one in application(at)]
    for name, objects in files.items():
        if form == "yaml":
            (folder / f"{name}.yaml").write_text(yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False))
        else:
            # As `kubectl get -o json` writes it.
            (folder / f"{name}.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=4))


def build(work: Path) -> tuple[Path, Path]:
    """Build kubeconform and write the schemas it needs: the program and their folder."""
    environment = {**os.environ, "GOBIN": str(work / "bin"), "GOFLAGS": "-mod=mod"}
    subprocess.run(["go", "install", _KUBECONFORM], check=True, env=environment, cwd=work)
    version = next(line.split()[1] for line in _PINNED.read_text().splitlines() if line.strip().startswith(f"{_KUBERNETES} v"))
    said = subprocess.run(
        ["go", "mod", "download", "-json", f"{_KUBERNETES}@{version}"], check=True, stdout=subprocess.PIPE, cwd=work
    )
    swagger = json.loads(Path(json.loads(said.stdout)["Dir"], "api/openapi-spec/swagger.json").read_text())
    schemas = work / "schemas"
    schemas.mkdir()
    for name, schema in _kinds(swagger["definitions"]):
        (schemas / name).write_text(json.dumps(schema))
    return work / "bin" / "kubeconform", schemas


def _kinds(definitions: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a schema for each kind, under the name by which kubeconform asks for it."""
    for name, definition in definitions.items():
        for one in definition.get(_GROUP_VERSION_KIND, []):
            group = one["group"].partition(".")[0]
            parts = [one["kind"].lower(), *([group] if group else []), one["version"].lower()]
            yield "-".join(parts) + ".json", {"$ref": f"#/definitions/{name}", "definitions": _needed(definitions, name)}


def _needed(definitions: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = [name]
    while waiting:
        if (here := waiting.pop()) not in found:
            found[here] = _schema(definitions[here])
            waiting += _references(definitions[here])
    return found


def _schema(definition: Any) -> Any:
    """OpenAPI says by a format what JSON Schema says by its types."""
    if isinstance(definition, dict):
        if definition.get("format") == "int-or-string":
            return {"type": ["integer", "string"]}
        return {key: _schema(value) for key, value in definition.items()}
    return [_schema(one) for one in definition] if isinstance(definition, list) else definition


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _references(one)


def kubeconform(program: Path, schemas: Path, folder: Path) -> dict[str, Any]:
    """Run kubeconform on the folder: how many resources it found valid, and processor time of all its threads."""
    where = f"{schemas}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
    said, seconds = _timed([program, "-summary", "-output", "json", "-schema-location", where, folder])
    return {"cpu_s": seconds, **said["summary"]}


def verdict(folder: Path) -> dict[str, Any]:
    """Judge the folder; the processor time of the whole process, start and imports with it."""
    said, seconds = _timed([sys.executable, Path(__file__).with_name("verdict.py"), folder])
    return {**said, "judged_s": said["cpu_s"], "cpu_s": seconds}


def _timed(command: list[Any]) -> tuple[dict[str, Any], float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(done.stdout), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        program, schemas = build(Path(sys.argv[1]))
        # One after the other on the same folder, so that a busy machine hinders both.
        found = {one: (kubeconform(program, schemas, Path(one)), verdict(Path(one))) for one in sys.argv[2:]}
        print(json.dumps(found))


if __name__ == "__main__":
    main()
