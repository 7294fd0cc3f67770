# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of another form than the chart takes. The lines of the template are those of the real charts."""

import json
import sys
from pathlib import Path

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import chart, chart_forms
from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence.chart_keys import (
    COUNTED,
    EITHER,
    PRINTED,
    TESTED,
    WHOLE,
    WORDS,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "rules"))

VALUES = """
networkPolicy: {enabled: false, ingress: []}
auditFromCache: false
autoscaleEnabled: true
autoscaleMin: 1
replicas: 3
counted: 2
pdb: {minAvailable: 1}
securityContext: {runAsUser: 1000, runAsNonRoot: true}
resources: {requests: {cpu: 1, memory: 512Mi}}
nodeSelector: {}
tolerations: []
args: [a, b]
hub: example.org
mode: true
any: true
empty: ""
nothing: null
annotations: {a: b}
env: {}
ports: {bind: true}
secrets: []
variables: {KEPT: a}
podAnnotations: {}
extraConfig: {}
telemetry: {enabled: true, v2: true, last: true}
image: {tag: "1.0"}
"""
TEMPLATE = """
{{- if .Values.networkPolicy.enabled }}{{ toYaml .Values.networkPolicy.ingress }}{{ end }}
{{- if not .Values.autoscaleEnabled }}replicas: {{ .Values.replicas }}{{ end }}
- --audit-from-cache={{ .Values.auditFromCache }}
{{- if (gt (int .Values.autoscaleMin) 1) }}x{{ end }}
{{- if gt .Values.counted 1 }}x{{ end }}
minAvailable: {{ .Values.pdb.minAvailable }}
{{ toYaml .Values.securityContext }}
{{ toYaml .Values.resources }}
{{- with .Values.nodeSelector }}{{ toYaml . }}{{ end }}
{{- range .Values.args }}{{ . }}{{ end }}
image: {{ .Values.hub }}/x:{{ .Values.image.tag }}
{{- if eq (.Values.mode | toString) "auto" }}x{{ end }}
{{- if kindIs "string" .Values.any }}x{{ end }}
{{- if .Values.onlyAsked }}x{{ end }}
{{- if .Values.askedAndWritten }}{{ .Values.askedAndWritten }}{{ end }}
{{ toYaml .Values.annotations }}
{{- if hasKey .Values "links" }}links: {{ .Values.links }}{{ end }}
{{- if hasKey .Values.ports "range" }}range: {{ get .Values.ports "range" | quote }}{{ end }}
{{- if .Values.joined }}{{ .Values.joined | join "," }}{{ end }}
{{- if .Values.swallowed }}{{ .Values.swallowed | default true }}{{ end }}
{{- if eq (.Values.env).COMPARED true }}x{{ end }}
{{- range $key, $val := .Values.variables }}
- name: {{ $key }}
  value: "{{ $val }}"
{{- end }}
{{- with .Values.variablesFrom }}{{ toYaml . | nindent 10 }}{{ end }}
imagePullSecrets:
{{- range .Values.secrets }}
- name: {{ . }}
{{- end }}
{{- range .Values.mounts }}
- name: {{ .name }}
  readOnly: {{ if .readOnly }}true{{ end }}
{{- end }}
{{- if not (kindIs "invalid" .Values.routing) }}{{ .Values.routing | quote }}{{ end }}
  annotations:
    # Of the chart
    own: "true"
    {{- if .Values.podAnnotations }}
{{ toYaml .Values.podAnnotations | indent 4 }}
    {{- end }}
data:
  own: "true"
  {{- toYaml .Values.extraConfig | nindent 2 }}
{{- and (not .Values.nothing)
  .Values.telemetry.enabled .Values.telemetry.v2 .Values.telemetry.last }}
"""


def made(tmp_path, values=VALUES, template=TEMPLATE, schema="{}"):
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("name: x\nversion: 1.0.0\n")
    (tmp_path / "values.yaml").write_text(values)
    (tmp_path / "values.schema.json").write_text(schema)
    (tmp_path / "templates" / "all.yaml").write_text(template)
    return chart.read(str(tmp_path))


def told(read, given):
    return {one["path"]: (one["why"], one["write"]) for one in chart_forms.problems(read, given, given)}


@pytest.mark.parametrize(
    "given,path,why,write",
    [
        ({"networkPolicy": {"enabled": "false"}}, "networkPolicy.enabled", "not empty counts as true", "false, without quotes"),
        ({"networkPolicy": {"enabled": "No"}}, "networkPolicy.enabled", "not empty counts as true", "false, without quotes"),
        ({"autoscaleEnabled": "off"}, "autoscaleEnabled", "not empty counts as true", "false, without quotes"),
        ({"auditFromCache": "flase"}, "auditFromCache", "is neither", "true or false"),
        ({"securityContext": {"runAsNonRoot": "true"}}, "securityContext.runAsNonRoot", "handed on as a text", "true, without"),
        ({"securityContext": {"runAsUser": "1000"}}, "securityContext.runAsUser", "no text for a number", "1000, without quotes"),
        ({"counted": "3"}, "counted", "cannot compare", "3, without quotes"),
        ({"replicas": "three"}, "replicas", "a number is wanted", "3 for example"),
        ({"replicas": True}, "replicas", "this is true", "3 for example"),
        ({"replicas": None}, "replicas", "null takes the chart's default, 3, away", "remove the line"),
        ({"autoscaleEnabled": None}, "autoscaleEnabled", "default, true, away", "write false"),
        ({"networkPolicy": None}, "networkPolicy", "everything below it", "remove the line"),
        ({"networkPolicy": "on"}, "networkPolicy", "defaults below it are lost", "keys that belong below"),
        ({"networkPolicy": ["a"]}, "networkPolicy", "this is a list", "keys that belong below"),
        ({"nodeSelector": "node"}, "nodeSelector", "a mapping is wanted", "keys that belong below"),
        ({"args": "a"}, "args", "a list is wanted", "args: [a]"),
        ({"args": {"a": "b"}}, "args", "without their keys", "a list"),
        ({"hub": {"a": "b"}}, "hub", "map[...]", "a text"),
        ({"hub": ["a"]}, "hub", "this is a list", "a text"),
        ({"replicas": {"a": 1}}, "replicas", "map[...]", "a number"),
        ({"onlyAsked": "false"}, "onlyAsked", "not empty counts as true", "false, without quotes"),
        # One of several that `and` asks.
        ({"telemetry": {"enabled": "false"}}, "telemetry.enabled", "not empty counts as true", "false, without quotes"),
        ({"telemetry": {"v2": "false"}}, "telemetry.v2", "not empty counts as true", "false, without quotes"),
        # It has no default, and is compared with true.
        ({"env": {"COMPARED": "true"}}, "env.COMPARED", "cannot compare", "true, without quotes"),
        ({"env": {"COMPARED": "False"}}, "env.COMPARED", "cannot compare", "false, without quotes"),
        ({"image": {"tag": 1.3}}, "image.tag", "1.30 is 1.3", "in quotes"),
        ({"links": ["eth0", "eth1"]}, "links", "written as [...]", "a single value"),
        ({"ports": {"range": [30000, 32767]}}, "ports.range", "written as [...]", "a single value"),
        ({"links": {"a": "b"}}, "links", "written as map[...]", "a single value"),
        # What templates do with each key that is there.
        ({"variables": {"X": {"value": True}}}, "variables.X", "written as map[...]", 'X: "true"'),
        ({"variables": {"X": ["a"]}}, "variables.X", "written as [...]", "a single value"),
        (
            {"variables": {"X": {"valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}}},
            "variables.X",
            "written as map[...]",
            "add - {name: X, valueFrom: ...} to the list variablesFrom",
        ),
        ({"variables": {"X": 10_000_000}}, "variables.X", "with an exponent", "in quotes"),
        ({"secrets": [{"name": "x"}]}, "secrets[0]", "written as map[...]", 'write - "x"'),
        ({"mounts": [{"name": "x"}, {"readOnly": "false"}]}, "mounts[1].readOnly", "not empty counts as true", "false, without"),
        ({"routing": {"a": 1}}, "routing", "written as map[...]", "a single value"),
        ({"nothing": {"a": 1}}, "nothing", "whatever is in it, it counts as true", "a single value"),
        # Where Kubernetes takes nothing but texts.
        ({"podAnnotations": {"a": True}}, "podAnnotations.a", "the API server takes nothing else", 'a: "true"'),
        ({"podAnnotations": {"a": {"b": 1}}}, "podAnnotations.a", "the API server takes nothing else", "a text"),
        ({"extraConfig": {"bpf-map-max": 65536}}, "extraConfig.bpf-map-max", "this is the number 65536", 'bpf-map-max: "65536"'),
    ],
)
def test_a_value_that_is_taken_for_something_else(tmp_path, given, path, why, write):
    found = told(made(tmp_path), given)
    assert list(found) == [path]
    assert why in found[path][0]
    assert write in found[path][1]


@pytest.mark.parametrize(
    "given",
    [
        # What is only written out is the same in either form, and the text true is true.
        {"auditFromCache": "false"},
        {"autoscaleEnabled": "true"},
        {"replicas": "3"},
        {"autoscaleMin": "2"},
        {"hub": 1.5},
        {"image": {"tag": 7}},
        # Kubernetes' own forms.
        {"pdb": {"minAvailable": "50%"}},
        {"resources": {"requests": {"cpu": "250m", "memory": 1}}},
        {"resources": {"requests": {"cpu": "2"}}},
        # Null takes an entry away, or nothing.
        {"resources": {"requests": {"cpu": None}}},
        {"annotations": {"a": None}},
        {"nothing": None},
        {"empty": None},
        {"networkPolicy": {"enabled": None}},
        {"unknown": None},
        # Free forms, and forms nobody says.
        {"nodeSelector": {"a": "false"}},
        {"annotations": {"a": "false", "other": {"b": 1}}},
        {"nothing": "x"},
        {"unknown": {"a": "false"}},
        {"askedAndWritten": "false"},
        {"onlyAsked": "yes"},
        {"telemetry": {"last": "false"}},
        {"env": {"COMPARED": True, "OTHER": "true"}},
        {"env": {"COMPARED": "fips-140-2"}},
        {"links": "eth0"},
        {"variables": {"X": "true", "Y": False, "Z": 7, "KEPT": None}},
        {"variablesFrom": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]},
        {"secrets": ["x"]},
        {"mounts": [{"name": "x", "readOnly": False}]},
        {"podAnnotations": {"a": "true", "b": None}, "extraConfig": {"a": "1"}},
        {"links": []},
        {"joined": ["a", "b"]},
        {"swallowed": "false"},
        {"image": {"tag": "1.30"}},
        {"mode": "false"},
        {"any": "false"},
        # Nothing in the place of nothing.
        {"nodeSelector": ""},
        {"nodeSelector": []},
        {"tolerations": {}},
        {"networkPolicy": {}},
        # What a template makes a value of later.
        {"autoscaleEnabled": "{{ .Values.any }}"},
    ],
    ids=str,
)
def test_a_value_in_a_form_the_chart_takes_is_not_told(tmp_path, given):
    assert told(made(tmp_path), given) == {}


def test_a_schema_says_what_is_wanted(tmp_path):
    kinds = {
        "replacement": ["string", "boolean"],
        "port": ["string", "integer"],
        "list": ["null", "array"],
        "switch": "boolean",
        "map": "object",
    }
    schema = json.dumps({"properties": {key: {"type": kind} for key, kind in kinds.items()}})
    values = "replacement: 'false'\nport: ''\nlist: null\nswitch: false\nmap: {}\n"
    read = made(tmp_path, values, "{{ if .Values.switch }}{{ end }}", schema)
    assert told(read, {"replacement": "true", "port": 6443, "list": None, "switch": True, "map": {"a": 1}}) == {}
    assert told(read, {"replacement": True, "port": "6443", "list": ["a"], "switch": None}) == {}
    found = told(read, {"list": "dns,drop", "switch": "false", "map": "x", "port": [1]})
    assert found["list"][0] == "a list is wanted, and this is a text: the chart refuses it"
    assert found["switch"][1] == "write false, without quotes"
    assert set(found) == {"list", "switch", "map", "port"}


def test_istios_profile_counts_as_default_and_its_prefix_as_top_level(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "profile-ambient.yaml").write_text("ambient:\n  enabled: true\n")
    values = "_internal_defaults_do_not_set:\n  taint:\n    enabled: false\n  ambient:\n    enabled: false\n"
    read = made(tmp_path, values, "{{ if .Values.taint.enabled }}{{ end }}{{ if .Values.ambient.enabled }}{{ end }}")
    read.prefix = "pilot"
    read.known.children["pilot"] = type(read.known)(dict(read.known.children))
    assert "taint.enabled" in told(read, {"taint": {"enabled": "false"}})
    assert "pilot.taint.enabled" in told(read, {"pilot": {"taint": {"enabled": "false"}}})
    # False of the chart's own is nothing to lose, true of the profile is.
    assert told(read, {"ambient": {"enabled": None}}) == {}
    assert "ambient.enabled" in told(read, {"profile": "ambient", "ambient": {"enabled": None}})


def test_no_secret_and_no_long_text_is_shown(tmp_path):
    read = made(tmp_path, "password: {a: b}\nreplicas: 1\n", "")
    for given in ({"password": "hunter2"}, {"replicas": "correct horse battery staple"}):
        ((why, write),) = told(read, given).values()
        assert "this is a text" in why
        assert not any(str(value) in why + write for value in given.values())


@pytest.mark.parametrize(
    "action,use",
    [
        ("if .Values.x", TESTED),
        ("if not .Values.x", TESTED),
        ("if .Values.y }}{{ else if and .Values.y .Values.x", TESTED),
        ("with .Values.x", TESTED),
        (".Values.x", PRINTED),
        (".Values.x | quote", PRINTED),
        ("int .Values.x", PRINTED),
        ("if gt (int .Values.x) 1", PRINTED),
        ("if gt .Values.x 1", COUNTED),
        ("if eq .Values.x true", COUNTED),
        ('if eq .Values.x "a"', WORDS),
        ('if eq "a" .Values.x', WORDS),
        ('if ne (.Values.x | toString) "false"', WORDS),
        ('if kindIs "map" .Values.x', EITHER),
        ("toYaml .Values.x | nindent 2", WHOLE),
        ("ternary 1 2 .Values.x", TESTED),
        ("and .Values.y .Values.x .Values.y", TESTED),
        ("and .Values.y .Values.x", PRINTED),
        (".Values.x | default true", PRINTED),
        ('include "a.range" .Values.x', WHOLE),
        ("$z := .Values.x | default true }}{{ if $z }}{{ $z", TESTED | PRINTED),
        ('$z := or (not (.Values.y | default "a")) .Values.y 1 $w.y .Values.x }}{{ if $z', TESTED),
        ("and .Values.y (include .Values.y .Values.x)", WHOLE),
    ],
)
def test_what_templates_do_with_a_value(tmp_path, action, use):
    read = made(tmp_path, "x: false\n", "{{- " + action + " }}")
    assert read.known.children["x"].use & use == use
    assert not read.known.children["x"].use & (EITHER | WORDS) & ~use


@pytest.mark.parametrize(
    "text,path,use",
    [
        ("{{ $y := .Values }}{{ with $y.a }}{{ range .b }}{{ if .x }}{{ end }}{{ end }}{{ end }}", ["a", "b", None, "x"], TESTED),
        ('{{ define "t" }}{{ if .v.x }}{{ end }}{{ end }}{{ include "t" (dict "v" .Values.a) }}', ["a", "x"], TESTED),
        ('{{ define "t" }}{{ if (index . 1).x }}{{ end }}{{ end }}{{ template "t" (list $ .Values.a) }}', ["a", "x"], TESTED),
        ("{{ $m := merge .Values.b .Values.a }}{{ toYaml $m.x }}", ["a", "x"], WHOLE),
        ('{{ $d := set (dict) "k" .Values.a }}{{ $d.k.x | quote }}', ["a", "x"], PRINTED),
        ('{{ toYaml (pick .Values.a "x" "z") }}', ["a", "x"], WHOLE),
        ("{{ $v := .Values.b }}{{ if .Values.c }}{{ $v = .Values.a }}{{ end }}{{ if $v.x }}{{ end }}", ["a", "x"], TESTED),
        ("{{ with .Values.b }}{{ else with .Values.a }}{{ if .x }}{{ end }}{{ end }}", ["a", "x"], TESTED),
        ('{{ .Files.Get (printf "files/%s.yaml" .Values.a.x) }}', ["a", "x"], PRINTED),
        ('{{ dig "x" "y" "" .Values.a | quote }}', ["a", "x", "y"], PRINTED),
        ('{{ get (get .Values "a") "x" | int }}', ["a", "x"], PRINTED),
        ('{{ if (.Values.a).x }}{{ "}}" }}{{ end }}{{/* }} {{ .Values.a.y }} */}}', ["a", "x"], TESTED),
    ],
)
def test_templates_are_followed_to_what_they_read(tmp_path, text, path, use):
    """And nothing else is known of it: a key that no template reads is unknown."""
    read = made(tmp_path, "a: {}\n", text)
    node = read.known
    for key in path:
        node = node.each if key is None else node.children[key]
    assert node.use & use == use
    if None not in path:
        assert [one["path"] for one in chart.problems(read, {"a": {"unheard": 1}})] == ["a.unheard"]


@pytest.mark.parametrize("text", ["{{ if .a }}" * 20_000, "{{ " + "(" * 20_000 + " }}"])
def test_templates_that_are_nested_too_deeply_are_a_clear_error(tmp_path, text):
    with pytest.raises(chart.ChartError, match="nested too deeply"):
        made(tmp_path, "x: false\n", text)


def test_a_template_that_includes_itself_ends(tmp_path):
    text = '{{ define "t" }}{{ range . }}{{ include "t" . }}{{ include "t" .a }}{{ include "t" .b }}{{ end }}{{ end }}'
    assert made(tmp_path, "x: {}\n", text + '{{ include "t" .Values.x }}').known.at(["x"]).open


def test_what_begins_and_never_ends_is_no_action(tmp_path):
    read = made(tmp_path, "x: false\n", "{{ if .Values.x }}" + " " * 100_000 + "{{ .Values.x" * 100_000)
    assert read.known.children["x"].use == TESTED


def test_what_the_platform_itself_gives_its_charts_is_of_their_form(tmp_path):
    """Of the real charts: what they come to is the form of what they are given."""
    from healthy import healthy

    for one in healthy("preflight")["charts"].values():
        folder = tmp_path / one["chart"]["name"]
        folder.mkdir()
        read = made(folder, json.dumps(one["effective"]), "")
        assert told(read, one["values"]) == {}
        assert told(read, one["effective"]) == {}
