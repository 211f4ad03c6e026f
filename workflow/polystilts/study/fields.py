"""What the models of a configuration are made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NAME = r"[a-z0-9][a-z0-9+._-]*"
Name = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Part = Annotated[float, Field(gt=0, le=1)]
Less = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]


class Model(BaseModel):
    """A mapping with known keys alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
