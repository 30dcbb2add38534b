# The public names and where they live. `__init__.py` reads this list.
from .access.grant import Grant, GrantArgs
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .access.service_account import ServiceAccount, ServiceAccountArgs
from .apps.web_service import WebService, WebServiceArgs
from .configuration.config import Config, ConfigArgs, files_in
from .images.image import Image, ImageArgs
from .images.release import Release, read_lock
from .parts.container import Container, Port, Resources
from .parts.probes import Probe, Probes
from .parts.volumes import Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .scaling.disruption_budget import DisruptionBudget, DisruptionBudgetArgs
from .traffic.service import Service, ServiceArgs
from .workloads.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate

__all__ = [
    "Autoscaler",
    "AutoscalerArgs",
    "Config",
    "ConfigArgs",
    "Container",
    "ContainerDefaults",
    "Deployment",
    "DeploymentArgs",
    "DisruptionBudget",
    "DisruptionBudgetArgs",
    "Grant",
    "GrantArgs",
    "Image",
    "ImageArgs",
    "Namespace",
    "NamespaceArgs",
    "Port",
    "Probe",
    "Probes",
    "Recreate",
    "Release",
    "Resources",
    "RollingUpdate",
    "Scaling",
    "Service",
    "ServiceAccount",
    "ServiceAccountArgs",
    "ServiceArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "claim",
    "empty_dir",
    "files_in",
    "read_lock",
]
