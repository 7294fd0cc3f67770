# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import io
import tarfile

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart

VALUES = """
cni:
  # -- Make Cilium take ownership
  exclusive: true
  # -- One of none, portmap
  chainingMode: ~
socketLB:
  enabled: false
  # hostNamespaceOnly: false
nodeSelector: {}
tolerations: []
podAnnotations:
  a: b
encryption:
  enabled: false
  strictMode:
    egress:
      enabled: false
loadBalancerIPs: []
image: {}
allCommented:
  # first: 1
  # second:
  #   third: 2
"""
TEMPLATE = """
{{- if hasKey .Values "maglev" }}{{ .Values.maglev.tableSize }}{{- end }}
mode: {{ .Values.loadBalancer.mode | default "snat" }}
transparent: {{ (.Values.dnsProxy).enableTransparentMode }}
{{- with .Values.operator }}
replicas: {{ .replicas }}
{{- with .resources }}
{{ toYaml . | indent 2 }}
{{- end }}
{{- end }}
{{- $x := .Values.hubble.tls }}
auto: {{ $x.auto.method }}
annotations: {{ toYaml .Values.podAnnotations }}
policy: {{ index .Values "policy" "auditMode" }}
{{- range .Values.extraMounts }}{{ .name }}{{- end }}
{{/* .Values.only.in.a.comment */}}
{{- define "cilium.image" }}{{ .repository }}:{{ .tag }}{{ end }}
{{ include "cilium.image" .Values.image }}
{{ tpl (.Files.Get "files/nodeinit/startup.bash") . }}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("name: cilium\nversion: 1.20.2\nappVersion: 1.20.2\n")
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "values.schema.json").write_text(
        '{"properties": {"cni": {"type": "object", "properties": {"fromSchema": {"type": "string"}}}}}'
    )
    (tmp_path / "templates" / "all.yaml").write_text(TEMPLATE)
    (tmp_path / "files" / "nodeinit").mkdir(parents=True)
    (tmp_path / "files" / "nodeinit" / "startup.bash").write_text("{{- if .Values.nodeinit.removeCbrBridge }}ip link{{ end }}")
    (tmp_path / "files" / "logo.png").write_bytes(b"\x89PNG\xff{{ .Values.x")
    return tmp_path


def unknown(folder, values, name="cilium"):
    return {one["path"]: one for one in chart.problems(chart.read(str(folder)), values, name)}


@pytest.mark.parametrize(
    "values",
    [
        {"cni": {"exclusive": False, "chainingMode": "none", "fromSchema": "x"}},
        {"socketLB": {"hostNamespaceOnly": True}},
        {"nodeSelector": {"any": "thing"}},
        {"tolerations": [{"key": "x"}]},
        {"podAnnotations": {"other/key": "x"}},
        {"loadBalancer": {"mode": "dsr"}},
        {"maglev": {"tableSize": 1}},
        {"dnsProxy": {"enableTransparentMode": True}},
        {"operator": {"replicas": 1, "resources": {"limits": {"cpu": 1}}}},
        {"hubble": {"tls": {"auto": {"method": "cronJob"}}}},
        {"policy": {"auditMode": True}},
        {"extraMounts": [{"name": "x"}]},
        {"allCommented": {"first": 1, "second": {"third": 2}}},
        {"global": {"anything": 1}},
        {"image": {"repository": "x", "tag": "y"}},
        {"nodeinit": {"removeCbrBridge": True}},
    ],
    ids=lambda values: next(iter(values)),
)
def test_keys_that_have_an_effect_are_known(folder, values):
    assert unknown(folder, values) == {}


@pytest.mark.parametrize(
    "values,path,suggestion",
    [
        ({"cni": {"exclusiv": False}}, "cni.exclusiv", "cni.exclusive"),
        ({"cni-exclusive": False}, "cni-exclusive", "cni.exclusive"),
        ({"socketLB": {"hostNamepaceOnly": True}}, "socketLB.hostNamepaceOnly", "socketLB.hostNamespaceOnly"),
        ({"hostNamespaceOnly": True}, "hostNamespaceOnly", "socketLB.hostNamespaceOnly"),
        (
            {"encryption": {"strictMode": {"cidr": "10.0.0.0/8"}}},
            "encryption.strictMode.cidr",
            "encryption.strictMode.egress.cidr",
        ),
        ({"nodeselector": {}}, "nodeselector", "nodeSelector"),
        # It is empty by default, and yet templates read these two of it only.
        ({"image": {"tga": "y"}}, "image.tga", "image.tag"),
        ({"only": {"in": 1}}, "only", ""),
        ({"zzz": 1}, "zzz", ""),
    ],
)
def test_a_key_without_effect_is_named_with_what_was_meant(folder, values, path, suggestion):
    found = unknown(folder, values)
    assert list(found) == [path]
    assert found[path]["suggestion"] == suggestion


def test_known_mistakes_are_explained(folder):
    found = unknown(folder, {"cni": {"chained": True}})
    assert "istio-cni chart" in found["cni.chained"]["why"]
    found = unknown(folder, {"audit": {"auditInterval": 30}}, "gatekeeper")
    # This chart has no audit at all; the path is that of the first unknown key.
    assert list(found) == ["audit"]


def test_values_nested_under_the_charts_own_name_are_explained(folder):
    found = unknown(folder, {"cilium": {"cni": {"exclusive": False}}})
    assert list(found) == ["cilium.cni"]
    assert "top level" in found["cilium.cni"]["why"]
    assert found["cilium.cni"]["suggestion"] == "cni"


def test_a_key_that_several_places_have_is_told_with_all_of_them(folder):
    (folder / "templates" / "more.yaml").write_text(
        "{{ .Values.first.priorityClassName }}{{ .Values.second.priorityClassName }}{{ .Values.second.other }}"
        "{{ .Values.third.part.priorityClassName }}"
    )
    (one,) = chart.problems(chart.read(str(folder)), {"priorityClassName": "Default"}, "cilium")
    assert one["suggestion"] == ""
    assert one["places"] == ["second.priorityClassName", "first.priorityClassName", "third.part.priorityClassName"]


def test_an_archive_is_the_same_as_its_folder(folder, tmp_path):
    path = tmp_path / "cilium-1.20.2.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for file in folder.rglob("*"):
            if file.is_file() and file != path:
                data = file.read_bytes()
                info = tarfile.TarInfo(f"cilium/{file.relative_to(folder)}")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    one, other = chart.read(str(folder)), chart.read(str(path))
    assert one.known == other.known
    assert (other.name, other.version) == ("cilium", "1.20.2")


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00garbage"])
def test_what_is_no_chart_is_a_clear_error(tmp_path, content):
    path = tmp_path / "x.tgz"
    path.write_bytes(content)
    with pytest.raises(chart.ChartError, match=r"x\.tgz"):
        chart.read(str(path))


@pytest.mark.parametrize(
    "name,content,said",
    [
        ("Chart.yaml", "[a]\n", "Chart.yaml is no mapping"),
        ("values.yaml", "!!set {a}\n", "values.yaml:1: "),
        ("values.yaml", "a: 1\nb: [\n", "values.yaml:3: "),
        ("values.yaml", "[" * 1_000_000, "values.yaml:1: it is nested more than"),
        ("values.yaml", "a: 1\na: 2\n", "values.yaml:2: the key a stands here and in line 1"),
        ("Chart.yaml", "dependencies: 1\n", "Chart.yaml: dependencies are no list of mappings"),
        ("Chart.yaml", "dependencies: [a]\n", "Chart.yaml: dependencies are no list of mappings"),
        ("values.schema.json", "[" * 100_000, "values.schema.json is nested too deeply"),
        ("values.schema.json", "[]", "values.schema.json: [] is no schema"),
        ("values.schema.json", '{"type": 5}', 'values.schema.json: {"type": 5} is no schema'),
        ("values.schema.json", '{"type": [[]]}', 'values.schema.json: {"type": [[]]} is no schema'),
        (
            "values.schema.json",
            '{"properties": {"a": {"properties": []}}}',
            'values.schema.json: {"properties": []} is no schema',
        ),
        ("values.schema.json", "{", "values.schema.json: Expecting"),
        ("files/profile-ambient.yaml", "a\n", "files/profile-ambient.yaml is no mapping"),
        ("files/profile-ambient.yaml", "a: !foo b\n", "files/profile-ambient.yaml:1: "),
    ],
)
def test_a_chart_with_a_damaged_file_is_a_clear_error(name, content, said, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "Chart.yaml").write_text("name: cilium\nversion: 1.20.2\n")
    (tmp_path / name).write_text(content)
    with pytest.raises(chart.ChartError) as caught:
        chart.read(str(tmp_path))
    assert said in str(caught.value)


def test_a_chart_that_is_not_there(tmp_path):
    with pytest.raises(chart.ChartError, match="no such file"):
        chart.read(str(tmp_path / "none.tgz"))


def test_istio_defaults_profiles_and_prefix(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "Chart.yaml").write_text("name: istiod\nversion: 1.31.0\n")
    (tmp_path / "values.yaml").write_text("_internal_defaults_do_not_set:\n  autoscaleMin: 1\n  env: {}\n  # extra: 1\n")
    (tmp_path / "files" / "profile-ambient.yaml").write_text("pilot:\n  env:\n    PILOT_ENABLE_AMBIENT: 'true'\n")
    (tmp_path / "templates" / "zzy_descope_legacy.yaml").write_text(
        '{{ $_ := mustMergeOverwrite $.Values (index $.Values "pilot") }}'
    )
    read = chart.read(str(tmp_path))
    assert chart.problems(read, {"autoscaleMin": 2, "env": {"A": "b"}, "profile": "ambient", "pilot": {"autoscaleMin": 3}}) == []
    assert [one["path"] for one in chart.problems(read, {"istiod": {"autoscaleMin": 2}}, "istiod")] == ["istiod.autoscaleMin"]
    assert [one["path"] for one in chart.problems(read, {"pilot": {"autoscaleMinn": 3}})] == ["pilot.autoscaleMinn"]
    seen = chart.effective(read, {"profile": "ambient", "pilot": {"autoscaleMin": 3}})
    assert seen["autoscaleMin"] == 3
    assert seen["env"]["PILOT_ENABLE_AMBIENT"] == "true"


def istiod(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("name: istiod\nversion: 1.31.0\n")
    (tmp_path / "values.yaml").write_text(
        "_internal_defaults_do_not_set:\n  replicaCount: 1\n  autoscaleMin: 1\n  env: {}\n"
        "  meshConfig: {}\n  pdb: {minAvailable: 1}\n"
    )
    (tmp_path / "templates" / "all.yaml").write_text("{{ toYaml .Values.meshConfig }}")
    return chart.read(str(tmp_path))


@pytest.mark.parametrize(
    "nested,path,suggestion,words",
    [
        ({"replicaCount": 2}, "istiod.replicaCount", "autoscaleMin", "autoscaleMin: 2"),
        ({"env": {"PILOT_ENABLE_AMBIENT": "true"}}, "istiod.env.PILOT_ENABLE_AMBIENT", "profile", "profile: ambient"),
        (
            {"meshConfig": {"outboundTrafficPolicy": {"mode": "REGISTRY_ONLY"}}},
            "istiod.meshConfig.outboundTrafficPolicy.mode",
            "",
            "ztunnel does not implement it",
        ),
        ({"pdb": {"minAvailable": 1}}, "istiod.pdb.minAvailable", "pdb.minAvailable", "two replicas or more"),
        ({"autoscaleMin": 2}, "istiod.autoscaleMin", "autoscaleMin", "only the umbrella chart"),
        ({"env": {"OTHER": "x", "MORE": "y"}}, "istiod.env", "env", "only the umbrella chart"),
        ({"nonsense": 1}, "istiod.nonsense", "", "only the umbrella chart"),
    ],
)
def test_each_key_nested_under_istiod_is_told_by_itself(tmp_path, nested, path, suggestion, words):
    (one,) = chart.problems(istiod(tmp_path), {"istiod": nested}, "istiod")
    assert (one["path"], one["suggestion"]) == (path, suggestion)
    assert words in one["why"]


def test_what_is_known_of_a_nested_key_does_not_hide_its_neighbour(tmp_path):
    given = {"istiod": {"env": {"PILOT_ENABLE_AMBIENT": "true", "OTHER": "x"}, "replicaCount": 2}}
    found = [one["path"] for one in chart.problems(istiod(tmp_path), given, "istiod")]
    assert found == ["istiod.env.PILOT_ENABLE_AMBIENT", "istiod.env", "istiod.replicaCount"]


def test_a_profile_of_all_charts_makes_no_key_known_to_each(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "profile-demo.yaml").write_text("ztunnel:\n  resources: {requests: {cpu: 10m}}\n")
    (tmp_path / "Chart.yaml").write_text("name: ztunnel\nversion: 1.31.0\n")
    (tmp_path / "values.yaml").write_text("_internal_defaults_do_not_set:\n  resources: {}\n")
    (one,) = chart.problems(chart.read(str(tmp_path)), {"ztunnel": {"resources": {"requests": {"cpu": "1m"}}}}, "ztunnel")
    assert (one["path"], one["suggestion"]) == ("ztunnel.resources", "resources")


def test_the_audit_from_cache_is_advised_away(tmp_path):
    (tmp_path / "Chart.yaml").write_text("name: gatekeeper\nversion: 3.23.0\n")
    (tmp_path / "values.yaml").write_text("auditFromCache: false\nauditInterval: 60\naudit: {hostNetwork: false}\n")
    found = chart.problems(chart.read(str(tmp_path)), {"audit": {"auditFromCache": True, "auditInterval": 30}}, "gatekeeper")
    assert [one["suggestion"] for one in found] == ["", "auditInterval"]
    assert "0 violations" in found[0]["why"]


def test_merge_is_helms():
    base = {"a": {"b": 1, "c": 2}, "l": [1], "n": 1}
    assert chart.merge(base, {"a": {"b": 3}, "l": [2], "n": None, "x": {}}) == {"a": {"b": 3, "c": 2}, "l": [2], "x": {}}
    assert base == {"a": {"b": 1, "c": 2}, "l": [1], "n": 1}
