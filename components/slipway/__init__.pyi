# The public names and where they live. `__init__.py` reads this list.
from .access.grant import Grant, GrantArgs
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .access.service_account import ServiceAccount, ServiceAccountArgs
from .apps.web_service import WebService, WebServiceArgs
from .configuration.config import Config, ConfigArgs, files_in
from .images.image import Image, ImageArgs
from .images.release import Release, read_lock
from .observation.alerts import Alert, Alerts, AlertsArgs, Recorded
from .observation.dashboard import Dashboard, DashboardArgs
from .observation.monitor import Monitor, MonitorArgs
from .parts.container import Container, Port, Resources
from .parts.placement import Placement
from .parts.probes import Probe, Probes
from .parts.volumes import ClaimTemplate, Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .scaling.disruption_budget import DisruptionBudget, DisruptionBudgetArgs
from .scaling.event_scaler import EventScaler, EventScalerArgs, Trigger
from .scaling.vertical_autoscaler import Bounds, VerticalAutoscaler, VerticalAutoscalerArgs
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
    "Autoscaler",
    "AutoscalerArgs",
    "Bounds",
    "ClaimTemplate",
    "Config",
    "ConfigArgs",
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
    "Grant",
    "GrantArgs",
    "Image",
    "ImageArgs",
    "Job",
    "JobArgs",
    "Monitor",
    "MonitorArgs",
    "Namespace",
    "NamespaceArgs",
    "Placement",
    "Pod",
    "PodArgs",
    "Port",
    "Probe",
    "Probes",
    "Recorded",
    "Recreate",
    "Release",
    "Resources",
    "RollingUpdate",
    "Scaling",
    "Service",
    "ServiceAccount",
    "ServiceAccountArgs",
    "ServiceArgs",
    "StatefulSet",
    "StatefulSetArgs",
    "Trigger",
    "VerticalAutoscaler",
    "VerticalAutoscalerArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "claim",
    "empty_dir",
    "files_in",
    "read_lock",
]
