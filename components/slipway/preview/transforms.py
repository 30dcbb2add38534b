"""Runs the transforms that a program declared, by the engine's protocol.

https://www.pulumi.com/docs/iac/concepts/options/transforms/
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any, cast

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2


class WaitsForProgramError(Exception):
    """A call that waits for the program's own answer, and so cannot run where the program does."""


class TransformError(Exception):
    """An error that a transform raised. `way` are the files and lines that led to it, from its traceback."""

    def __init__(self, resource: str, told: str) -> None:
        # The text is "Invoke callback <token> error: <what>:", then the frames as Python prints them.
        what, _, frames = re.sub(r"^Invoke callback \S+ error: ", "", told).partition(":\n  File ")
        super().__init__(f"{what} (in a transform of {resource})")
        self.way = [(Path(file), int(line)) for file, line in re.findall(r'"(.+)", line (\d+), in', frames)]


def run_transforms(
    request: resource_pb2.RegisterResourceRequest, transforms: list[callback_pb2.Callback]
) -> resource_pb2.RegisterResourceRequest:
    """The registration after all transforms have changed its properties, one after the other.

    Changed options are ignored: nothing in a preview depends on them. Raises WaitsForProgramError in the thread of the
    program's loop, which serves the transforms.
    """
    if not transforms:
        return request
    if asyncio._get_running_loop():
        raise WaitsForProgramError
    changed = resource_pb2.RegisterResourceRequest()
    changed.CopyFrom(request)
    for transform in transforms:
        asked = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=changed.object,
            options=resource_pb2.TransformResourceOptions(depends_on=list(request.dependencies)),
        )
        # The callback's server is this program itself, so bypass any proxy of the environment.
        with grpc.insecure_channel(transform.target, options=[("grpc.enable_http_proxy", 0)]) as channel:
            callbacks: Any = callback_pb2_grpc.CallbacksStub(channel)
            call = callback_pb2.CallbackInvokeRequest(token=transform.token, request=asked.SerializeToString())
            try:
                answer = callbacks.Invoke(call)
            except grpc.RpcError as error:
                raise TransformError(request.name, str(cast("grpc.Call", error).details())) from None
        changed.object.CopyFrom(resource_pb2.TransformResponse.FromString(answer.response).properties)
    return changed
