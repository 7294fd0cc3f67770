# SPDX-FileCopyrightText: 2026 zerotrust.baremetal contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that say nothing of a site: those of the platform itself, of Kubernetes, and of the settings that rules compare with.

Everything that is not among them is somebody's own. A user's name that is also one of these words stays readable.
"""

from __future__ import annotations

# Names of objects, and the parts that the platform makes names of.
_NAMES = """
admin allow-ambient-hostprobes app audit base bundle chart check-ignore-label cilium cilium-agent cilium-cni cilium-config
cilium-envoy cilium-operator cilium-secrets cluster.local cni component config configuration constraints control-plane
controller-manager coredns default discovery distroless docker gatekeeper gatekeeper-admin gatekeeper-audit
gatekeeper-controller-manager gatekeeper-operator gatekeeper-system gatekeeper-webhook-service gateway gateway-name helm
heritage hubble hubble-grpc hubble-peer hubble-relay hubble-ui ignore install-cni instance io istio istio-base istio-cni
istio-cni-config kubeconfig
istio-cni-node istio-ingressgateway istio-proxy istio-release istio-system istiod k8s k8s-app kube kube-apiserver kube-bridge
kube-controller-manager kube-node-lease kube-proxy kube-public kube-scheduler kube-system kubeadm kubelet kubernetes
lab-ztunnel local managed-by manager manager-role master mutating name node node-role none ns openpolicyagent operator
operator-generic part-of pause pilot pod policies proxy release revision sa service sidecar-injector svc system templates tier
validating validation version waypoint webhook workload ztunnel
"""

# Kinds, resources, API groups, and what may be done with them.
_KINDS = """
admissionregistration Allow apps AUDIT authentication authorization autoscaling batch bindings ciliumendpoints
ciliumidentities ClusterIP ClusterRole ClusterRoleBinding config ConfigMap configmaps CONNECT constraints ConstraintTemplate
coordination CREATE CronJob cronjobs customresourcedefinitions DaemonSet daemonsets DELETE deletecollection Deployment
deployments Egress Endpoints endpoints ephemeralcontainers Event events expansion extensions externaldata ExternalName Gateway
GatewayClass GET GRPC HEAD Helm HorizontalPodAutoscaler HTTP HTTPS Ingress ingresses Job jobs Kubernetes Lease leases
LoadBalancer MutatingWebhookConfiguration mutations Namespace namespaces networking networkpolicies NetworkPolicy Node
NodePort nodes OPTIONS PATCH PersistentVolume PersistentVolumeClaim persistentvolumeclaims persistentvolumes Pod
PodDisruptionBudget poddisruptionbudgets pods PodTemplate policy POST PUT rbac Rego ReplicaSet replicasets
ReplicationController replicationcontrollers Role RoleBinding SCTP Secret secrets security Service ServiceAccount
serviceaccounts ServiceEntry services StatefulSet statefulsets status sync TCP telemetry TLS TRACE UDP UPDATE
ValidatingWebhookConfiguration WorkloadEntry AuthorizationPolicy CiliumClusterwideNetworkPolicy CiliumEndpoint CiliumIdentity
CiliumNetworkPolicy CiliumNode CustomResourceDefinition DestinationRule PeerAuthentication Sidecar Telemetry VirtualService
PodMonitor ServiceMonitor
"""

# What settings may be set to, where rules or programs know each possibility.
_SETTINGS = """
all ALLOW ALLOW_ANY always AMBIENT ambient anonymous any ANY apiGroup audit.gatekeeper.sh authenticated auto aws-cni baseline bash
bin both bpf C calico certmanager cgroup cgroupv2 cilium-cni cluster cluster-pool cluster.local CN conf conflist crd cronJob
crt CUSTOM d DC debug default default-nodns demo DENY deny deployed destination dev DISABLE disabled dns drop dryrun dsr dual
empty enabled endpointRoutes error etc external Fail False false file flannel flannel-v1 flow from fs gator.gatekeeper.sh
generic-veth geneve Gi group h has health helm host hostport http https httpV2 hybrid icmp Ignore in info init inject-sidecar
ip ipsec iptables ipv4 ipv6 istio-cni json kafka Ki kube-apiserver kubernetes kubernetes-admin kubernetes-ca kvstore L l7
l7proto lbipam legacy lib local log m maglev masters metrics Mi min minimal ms mtls multi-pool MUTUAL namespace namespaces
native net netkit netkit-l2 never nftables no nodes None none not ns O oci off on opt OU outbound partial pem PERMISSIVE port
port-distribution portmap preview principal privileged probe proc prometheus random REGISTRY_ONLY remote remote-node request
reserved resource resources restricted rev.validation.istio.io rules run s scoped sec server serviceaccount serviceaccounts sh
sidecar-injector.istio.io SIMPLE skip snat source ST STRICT strict sys system tcp tcx Ti tls tmp to True true tunnel udp
unauthenticated unconfined unlimited UNSET url us usr validation.gatekeeper.sh validation.istio.io values vap.k8s.io var veth
vxlan warn warning weave wireguard world yaml yes yml
apiserver apiserver-etcd-client apiserver-kubelet-client bak bandwidth boot bridge ca client containerd current data dhcp disk
etcd firewall firewalld front-proxy-ca front-proxy-client grub healthcheck-client host-device host-local ipvlan kubelet-client
kubelet-client-current kubelet-server-current loopback macvlan modprobe modules modules-load nftables override peer pki ptp pv rc
AlwaysAllow authorization-mode filter FORWARD forward inet ip6 mangle raw read-only-port readOnlyPort security Webhook
sbr static swap sysctl systemd tuning ufw vrf zerotrust zzz zzzz
"""

# The settings themselves that rules ask for, beside the keys of the bundle.
_KEYS = """
acceleration accepted agentNotReadyTaintKey agents allowRemoteNodeIdentities almalinux
AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY AMBIENT_ENABLED ambient_enabled AMBIENT_RECONCILE_POD_RULES_ON_STARTUP answering
Antrea audit audit-interval auditFromCache auditInterval authentication autoscaled available backendtlspolicies base behind
binPath blocker bpf bpf-lb-sock-hostns-only bundle-version CA_ADDRESS CA_TRUSTED_NODE_ACCOUNTS caAddress cali Calico centos
chained chaining-mode chainingMode chainingTarget cilium_ cilium_wg0 CiliumEndpoints CiliumIdentities cluster
clusterPoolIPv4MaskSize clusterPoolIPv4PodCIDRList clusterPoolIPv6PodCIDRList cni-chaining-mode cni-exclusive cni0 cni_
cniBinDir cniConfDir code com config confPath controllerManager custom-cni-conf datapathMode debug devices digest
discoveryAddress dns dsr-dispatch dsrDispatch enable-bpf-masquerade enable-endpoint-health-checking enable-health-checking
enable-host-firewall enable-host-legacy-routing enable-ipv4-masquerade enable-ipv6 enable-non-default-deny-policies enable-policy
enable-wireguard
enable-l7-proxy enabled enableIPv4Masquerade enableNonDefaultDenyPolicies encrypt-node encryption enforcement env envoy
evictionHard
EXCLUDE_NAMESPACES exclude_namespaces excludeNamespaces exclusive exempt-namespace exempt-namespace-prefix FailedCreate
FailedCreatePodSandBox firewalld ufw
exempt-namespace-suffix exemptNamespacePrefixes exemptNamespaces exemptNamespaceSuffixes FAIL fail fail-swap-on failSwapOn
extraNamespaces labelNamespace postInstall
Flannel free_ fromEndpoints fromEntities fromNodes gator global googleapis gprof grpcroutes guarded high host_namespace_only
hostFirewall hostFirewall.enabled HOST_PROBE_SNAT_IP HOST_PROBE_SNAT_IPV6 hostLegacyRouting hostNamespaceOnly
http hub hubble icmps image imagefs inodes
inodesFree install-no-conntrack-iptables-rules installNoConntrackIptablesRules ip_set ip_set_hash_ip ipam iptable_
iptable_mangle iptable_nat iptable_raw ipv ipv4 ipv6 ISTIO_OWNED_CNI_CONFIG ISTIO_OWNED_CNI_CONFIG_FILENAME istiod
istioOwnedCNIConfig istioOwnedCNIConfigFileName k8sServiceHost k8sServiceHostRef k8sServicePort kafka kube-ipvs0
kube-proxy-replacement kube-router kubeProxyReplacement KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT l7 l7proto l7Proxy
layer layers Leases loadBalancer low lxc masquerade MAX_WORKLOAD_CERT_TTL mb medium memory meshConfig metrics MiB MTU name
native_nftables nativeNftables network networkPolicy nf_tables nft_compat nft_ct nft_nat nft_redir nft_socket nft_tproxy
nodeEncryption nodefs nothing ol operation operator origin outboundTrafficPolicy OVN-Kubernetes PASS pdb pending pid pilot plan
PILOT_ENABLE_AMBIENT PILOT_ENABLE_NODE_UNTAINT_CONTROLLERS policyEnforcementMode preflight profile protect-kernel-defaults
protectKernelDefaults proxyMetadata published pullPolicy rbac reached Ready refused register-with-taints registerWithTaints
registry rego relay replicas repository request resourceQuota rev rhel rocky rollOutCiliumPods rootNamespace routing-mode
routingMode Running SECRET_TTL seen server set sha256sum socketLB source specs storage strictMode tag taint tcproutes tls
tlsroutes toCIDR toEndpoints toEntities toFQDNs toGroups toServices total_ trustDomain tunnelPort tunnelProtocol type UNKNOWN
unknown unreachable unset until useAppArmorAnnotation userspaceFallback v0 v1 validatingWebhookExemptNamespacesLabels
validatingWebhookFailurePolicy validatingWebhookTimeoutSeconds values vap verify versions vxlan-v6 Weave WebhookConfiguration
anonymous-auth authorization authorization-mode mode installIptablesRules prependIptablesChains
read-only-port readOnlyPort
wireguard-persistent-keepalive write-cni-conf-when-ready XDS_ADDRESS xdsAddress xt_connmark xt_conntrack xt_mark xt_owner
xt_REDIRECT zerotrust_accepted
annotated certificates disableAudit EC Ed25519 Ed448 encrypted extraConfig Failed issuer md5 node-encryption-opt-out-labels RSA
sha1 Unhealthy workloadSelector
"""

# Kept where they stand alone or between separators.
WORDS = frozenset((_NAMES + _KINDS + _SETTINGS).split())
KEYS = frozenset(_KEYS.split())

# Domains under which labels, annotations, taints and API groups are everybody's: all that stands behind them stays too.
LABEL_DOMAINS = (
    "kubernetes.io", "k8s.io", "cilium.io", "istio.io", "gatekeeper.sh", "prometheus.io", "helm.sh", "cert-manager.io",
    "argoproj.io", "coreos.com",
)  # fmt: skip
# Hosts of charts and images: the host stays, and of the path what is a word.
HOSTS = (
    "quay.io", "docker.io", "ghcr.io", "gcr.io", "open-policy-agent.github.io", "istio-release.storage.googleapis.com",
    "openpolicyagent.org", "projectcalico.org", "tetrate.io",
)  # fmt: skip
