"""Runs the transforms that a program declared, by the protocol in which the engine runs them.

https://www.pulumi.com/docs/iac/concepts/options/transforms/
"""

from __future__ import annotations

from typing import Any

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2


def run_transforms(
    request: resource_pb2.RegisterResourceRequest, transforms: list[callback_pb2.Callback]
) -> resource_pb2.RegisterResourceRequest:
    """The registration with each transform applied in turn to its properties.

    Options that a transform changes are not followed: nothing that a preview shows hangs on them.
    """
    if not transforms:
        return request
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
        with grpc.insecure_channel(transform.target) as channel:
            callbacks: Any = callback_pb2_grpc.CallbacksStub(channel)
            answer = callbacks.Invoke(
                callback_pb2.CallbackInvokeRequest(token=transform.token, request=asked.SerializeToString())
            )
        changed.object.CopyFrom(resource_pb2.TransformResponse.FromString(answer.response).properties)
    return changed
