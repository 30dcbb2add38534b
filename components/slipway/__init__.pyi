# The public names and where they live. `__init__.py` reads this list.
from .access.namespace import ContainerDefaults, Namespace, NamespaceArgs
from .apps.web_service import WebService, WebServiceArgs
from .configuration.config import Config, ConfigArgs, files_in
from .images.image import Image, ImageArgs
from .images.release import Release, read_lock
from .parts.container import Container, Port, Resources
from .parts.probes import Probe, Probes
from .parts.volumes import Volume, claim, empty_dir
from .scaling.autoscaler import Autoscaler, AutoscalerArgs, Scaling
from .traffic.certificate import Certificate, CertificateArgs
from .traffic.connection import Connection, ConnectionArgs
from .traffic.ingress import Ingress, IngressArgs
from .traffic.ingress_paths import IngressPath
from .traffic.network_policy import NetworkPolicy, NetworkPolicyArgs
from .traffic.peers import Allow
from .traffic.route import Route, RouteArgs
from .traffic.route_rules import Backend, GrpcMatch, HttpMatch, RouteRule
from .traffic.service import Service, ServiceArgs
from .workloads.deployment import Deployment, DeploymentArgs, Recreate, RollingUpdate

__all__ = [
    "Allow",
    "Autoscaler",
    "AutoscalerArgs",
    "Backend",
    "Certificate",
    "CertificateArgs",
    "Config",
    "ConfigArgs",
    "Connection",
    "ConnectionArgs",
    "Container",
    "ContainerDefaults",
    "Deployment",
    "DeploymentArgs",
    "GrpcMatch",
    "HttpMatch",
    "Image",
    "ImageArgs",
    "Ingress",
    "IngressArgs",
    "IngressPath",
    "Namespace",
    "NamespaceArgs",
    "NetworkPolicy",
    "NetworkPolicyArgs",
    "Port",
    "Probe",
    "Probes",
    "Recreate",
    "Release",
    "Resources",
    "RollingUpdate",
    "Route",
    "RouteArgs",
    "RouteRule",
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
