# The public names and where they live. `__init__.py` reads this list.
from .access.grant import Grant, GrantArgs
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .access.service_account import ServiceAccount, ServiceAccountArgs
from .apps.web_service import WebService, WebServiceArgs
from .apps.worker import Worker, WorkerArgs
from .configuration.config import Config, ConfigArgs, files_in
from .configuration.existing import existing_config, existing_secret
from .configuration.external_secret import ExternalSecret, ExternalSecretArgs, Remote
from .configuration.password import Password, PasswordArgs
from .configuration.pull_secret import Login, PullSecret, PullSecretArgs
from .configuration.tls_secret import TlsSecret, TlsSecretArgs
from .images.image import Image
from .images.image_args import ImageArgs
from .images.release import Release, read_lock
from .observation.alerts import Alert, Alerts, AlertsArgs, Recorded
from .observation.dashboard import Dashboard, DashboardArgs
from .observation.monitor import Monitor, MonitorArgs
from .parts.container import Container, Port, Resources
from .parts.formerly import formerly
from .parts.placement import Placement
from .parts.probes import Probe, Probes
from .parts.volume_sources import csi, host_path, nfs, projected
from .parts.volumes import ClaimTemplate, Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .scaling.disruption_budget import DisruptionBudget, DisruptionBudgetArgs
from .scaling.event_scaler import EventScaler, EventScalerArgs, EventScaling, Trigger
from .scaling.vertical_autoscaler import Bounds, VerticalAutoscaler, VerticalAutoscalerArgs
from .storage.claim import Claim, ClaimArgs
from .storage.persistent_volume import PersistentVolume, PersistentVolumeArgs
from .traffic.certificate import Certificate, CertificateArgs
from .traffic.connection import Connection, ConnectionArgs
from .traffic.ingress import Ingress, IngressArgs
from .traffic.ingress_paths import IngressPath
from .traffic.network_policy import NetworkPolicy, NetworkPolicyArgs
from .traffic.peers import Allow
from .traffic.route import Route, RouteArgs
from .traffic.route_rules import Backend, GrpcMatch, HttpMatch, RouteRule
from .traffic.service import Service, ServiceArgs
from .workloads.cron_job import CronJob, CronJobArgs
from .workloads.daemon_set import DaemonSet, DaemonSetArgs
from .workloads.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate
from .workloads.job import Job, JobArgs
from .workloads.pod import Pod, PodArgs
from .workloads.stateful_set import StatefulSet, StatefulSetArgs

__all__ = [
    "Alert",
    "Alerts",
    "AlertsArgs",
    "Allow",
    "Autoscaler",
    "AutoscalerArgs",
    "Backend",
    "Bounds",
    "Certificate",
    "CertificateArgs",
    "Claim",
    "ClaimArgs",
    "ClaimTemplate",
    "Config",
    "ConfigArgs",
    "Connection",
    "ConnectionArgs",
    "Container",
    "ContainerDefaults",
    "CronJob",
    "CronJobArgs",
    "DaemonSet",
    "DaemonSetArgs",
    "Dashboard",
    "DashboardArgs",
    "Deployment",
    "DeploymentArgs",
    "DisruptionBudget",
    "DisruptionBudgetArgs",
    "EventScaler",
    "EventScalerArgs",
    "EventScaling",
    "ExternalSecret",
    "ExternalSecretArgs",
    "Grant",
    "GrantArgs",
    "GrpcMatch",
    "HttpMatch",
    "Image",
    "ImageArgs",
    "Ingress",
    "IngressArgs",
    "IngressPath",
    "Job",
    "JobArgs",
    "Login",
    "Monitor",
    "MonitorArgs",
    "Namespace",
    "NamespaceArgs",
    "NetworkPolicy",
    "NetworkPolicyArgs",
    "Password",
    "PasswordArgs",
    "PersistentVolume",
    "PersistentVolumeArgs",
    "Placement",
    "Pod",
    "PodArgs",
    "Port",
    "Probe",
    "Probes",
    "PullSecret",
    "PullSecretArgs",
    "Recorded",
    "Recreate",
    "Release",
    "Remote",
    "Resources",
    "RollingUpdate",
    "Route",
    "RouteArgs",
    "RouteRule",
    "Scaling",
    "Service",
    "ServiceAccount",
    "ServiceAccountArgs",
    "ServiceArgs",
    "StatefulSet",
    "StatefulSetArgs",
    "TlsSecret",
    "TlsSecretArgs",
    "Trigger",
    "VerticalAutoscaler",
    "VerticalAutoscalerArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "Worker",
    "WorkerArgs",
    "claim",
    "csi",
    "empty_dir",
    "existing_config",
    "existing_secret",
    "files_in",
    "formerly",
    "host_path",
    "nfs",
    "projected",
    "read_lock",
]
