"""Components that take an application from its source to a locked-down Kubernetes deployment."""

from components.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from components.config import Config, ConfigArgs, files_in
from components.container import Container, Port, Resources
from components.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate
from components.image import Image, ImageArgs
from components.namespace import ContainerDefaults, Namespace, NamespaceArgs
from components.probes import Probe, Probes
from components.release import Release, read_lock
from components.service import Service, ServiceArgs
from components.volumes import Volume, claim, empty_dir
from components.web_service import WebService, WebServiceArgs

__all__ = [
    "Autoscaler",
    "AutoscalerArgs",
    "Config",
    "ConfigArgs",
    "Container",
    "ContainerDefaults",
    "Deployment",
    "DeploymentArgs",
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
    "ServiceArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "claim",
    "empty_dir",
    "files_in",
    "read_lock",
]
