# The public names and where they live. `__init__.py` reads this list.
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .apps.web_service import WebService, WebServiceArgs
from .configuration.config import Config, ConfigArgs, files_in
from .images.image import Image, ImageArgs
from .images.release import Release, read_lock
from .parts.container import Container, Port, Resources
from .parts.placement import Placement
from .parts.probes import Probe, Probes
from .parts.volumes import ClaimTemplate, Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .traffic.service import Service, ServiceArgs
from .workloads.cron_job import CronJob, CronJobArgs
from .workloads.daemon_set import DaemonSet, DaemonSetArgs
from .workloads.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate
from .workloads.job import Job, JobArgs
from .workloads.pod import Pod, PodArgs
from .workloads.stateful_set import StatefulSet, StatefulSetArgs

__all__ = [
    "Autoscaler",
    "AutoscalerArgs",
    "ClaimTemplate",
    "Config",
    "ConfigArgs",
    "Container",
    "ContainerDefaults",
    "CronJob",
    "CronJobArgs",
    "DaemonSet",
    "DaemonSetArgs",
    "Deployment",
    "DeploymentArgs",
    "Image",
    "ImageArgs",
    "Job",
    "JobArgs",
    "Namespace",
    "NamespaceArgs",
    "Placement",
    "Pod",
    "PodArgs",
    "Port",
    "Probe",
    "Probes",
    "Recreate",
    "Release",
    "Resources",
    "RollingUpdate",
    "Scaling",
    "Service",
    "ServiceArgs",
    "StatefulSet",
    "StatefulSetArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "claim",
    "empty_dir",
    "files_in",
    "read_lock",
]
