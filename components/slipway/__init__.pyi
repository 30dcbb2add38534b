# The public names and where they live. `__init__.py` reads this list.
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .apps.web_service import WebService, WebServiceArgs
from .configuration.config import Config, ConfigArgs, files_in
from .configuration.existing import existing_config, existing_secret
from .configuration.external_secret import ExternalSecret, ExternalSecretArgs, Remote
from .configuration.password import Password, PasswordArgs
from .configuration.pull_secret import Login, PullSecret, PullSecretArgs
from .configuration.tls_secret import TlsSecret, TlsSecretArgs
from .images.image import Image, ImageArgs
from .images.release import Release, read_lock
from .parts.container import Container, Port, Resources
from .parts.probes import Probe, Probes
from .parts.volume_sources import csi, host_path, nfs, projected
from .parts.volumes import Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .storage.claim import Claim, ClaimArgs
from .storage.persistent_volume import PersistentVolume, PersistentVolumeArgs
from .traffic.service import Service, ServiceArgs
from .workloads.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate

__all__ = [
    "Autoscaler",
    "AutoscalerArgs",
    "Claim",
    "ClaimArgs",
    "Config",
    "ConfigArgs",
    "Container",
    "ContainerDefaults",
    "Deployment",
    "DeploymentArgs",
    "ExternalSecret",
    "ExternalSecretArgs",
    "Image",
    "ImageArgs",
    "Login",
    "Namespace",
    "NamespaceArgs",
    "Password",
    "PasswordArgs",
    "PersistentVolume",
    "PersistentVolumeArgs",
    "Port",
    "Probe",
    "Probes",
    "PullSecret",
    "PullSecretArgs",
    "Recreate",
    "Release",
    "Remote",
    "Resources",
    "RollingUpdate",
    "Scaling",
    "Service",
    "ServiceArgs",
    "TlsSecret",
    "TlsSecretArgs",
    "Volume",
    "WebService",
    "WebServiceArgs",
    "claim",
    "csi",
    "empty_dir",
    "existing_config",
    "existing_secret",
    "files_in",
    "host_path",
    "nfs",
    "projected",
    "read_lock",
]
