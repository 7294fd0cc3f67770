# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.zerotrust.baremetal.plugins.module_utils.evidence import called_services

SERVICE = {"namespace": "cert-manager", "name": "webhook", "path": "/convert"}


@pytest.mark.parametrize(
    "conversion,service",
    [
        ({"strategy": "Webhook", "webhook": {"clientConfig": {"service": SERVICE}}}, "cert-manager/webhook"),
        ({"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://192.0.2.1/convert"}}}, None),
        ({"strategy": "None"}, None),
        (None, None),
    ],
)
def test_who_converts_the_objects_of_a_definition(conversion, service):
    item = {"metadata": {"name": "x.example.org"}, "spec": {"conversion": conversion}}
    assert called_services.of_definition(item) == {"name": "x.example.org", "service": service}


@pytest.mark.parametrize("spec,service", [({"service": SERVICE}, "cert-manager/webhook"), ({}, None)])
def test_an_api_service_of_the_api_server_itself_has_no_service(spec, service):
    item = {"metadata": {"name": "v1.apps"}, "spec": spec}
    assert called_services.of_api_service(item) == {"name": "v1.apps", "service": service}
