"""HTTP for those who keep policies: draft, check, back-test, approve, publish, roll back.

Every request is made by one person, whose token proves it: who drafted cannot approve.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Header, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool
from sqlalchemy import Engine

from jiuding.base import clock
from jiuding.base.database.engine import transaction
from jiuding.kernel.decisions import operations, rules
from jiuding.kernel.decisions.errors import PolicyNotFound, StaffRequired
from jiuding.kernel.decisions.types.decisions import Label
from jiuding.kernel.decisions.types.lives import Step

BACK_TEST_MAX = 20_000
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


class Bank(Protocol):
    """What these routes need of a bank."""

    engine: Engine
    bank_id: str


class VersionBody(BaseModel):
    """A policy as it is written: its TOML and the CSV tables beside it, by file name."""

    model_config = ConfigDict(extra="forbid")

    toml: str = Field(max_length=1_000_000)
    tables: dict[str, str] = Field(default_factory=dict, max_length=40)


class StepBody(BaseModel):
    """A step of a version's life; a publication states its share of traffic in percent."""

    model_config = ConfigDict(extra="forbid")

    step: Literal["checked", "shadowed", "unshadowed", "approved", "published"]
    share: int | None = Field(default=None, ge=1, le=100)


class LabelBody(BaseModel):
    """How one decision turned out, and since when that is known."""

    model_config = ConfigDict(extra="forbid")

    decision_id: str = Field(max_length=40)
    is_good: StrictBool
    known_at: AwareDatetime


class LabelsBody(BaseModel):
    """A batch of labels."""

    model_config = ConfigDict(extra="forbid")

    labels: list[LabelBody] = Field(min_length=1, max_length=operations.LABELS_MAX)


def bank_of(request: Request) -> Bank:
    """Return the bank that this app serves."""
    return request.app.state.branch


def person(request: Request, authorization: Annotated[str | None, Header()] = None) -> str:
    """Return the member of staff whose token came. Refuses: StaffRequired."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise StaffRequired("send your own token as Authorization: Bearer")
    return rules.person_of(request.app.state.staff_key, token)


By = Annotated[str, Depends(person)]
Where = Annotated[Bank, Depends(bank_of)]
router = APIRouter(prefix="/v1", tags=["policies"])


@router.get("/policies")
def list_policies(bank: Where, _: By) -> dict[str, Any]:
    """List every policy and where it stands."""
    with transaction(bank.engine) as session:
        names = operations.policy_names(session, bank_id=bank.bank_id)
        lives = [
            operations.read_life(session, bank_id=bank.bank_id, policy_name=name) for name in names
        ]
    found = [{k: v for k, v in rules.plain_life(life).items() if k != "steps"} for life in lives]
    return {"policies": found}


@router.get("/policies/{name}")
def show_policy(name: str, bank: Where, _: By) -> dict[str, Any]:
    """Show a policy's life, step by step."""
    with transaction(bank.engine) as session:
        if name not in operations.policy_names(session, bank_id=bank.bank_id):
            raise PolicyNotFound(f"there is no policy {name[:80]!r}", policy=name[:80])
        life = operations.read_life(session, bank_id=bank.bank_id, policy_name=name)
    return rules.plain_life(life)


@router.post("/policies/versions", status_code=201)
def draft_version(body: VersionBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Bring a version: it is read and refused where it is unclear, and kept under its hash."""
    policy = rules.read_policy_texts("policy.toml", body.toml, body.tables)
    with transaction(bank.engine) as session:
        step = operations.draft_policy(
            session,
            bank_id=bank.bank_id,
            policy=policy,
            by=by,
            now=clock.now(),
            idempotency_key=key,
        )
    return {"policy": policy.name, **rules.plain_step(step)}


@router.get("/policies/versions/{version}/findings")
def show_findings(version: str, bank: Where, _: By) -> dict[str, Any]:
    """Check a version, without a step: every finding with the values that show it."""
    with transaction(bank.engine) as session:
        policy = operations.read_version(session, bank.bank_id, version)
    return {"findings": rules.plain_findings(rules.check_policy(policy))}


@router.post("/policies/versions/{version}/steps", status_code=201)
def take_step(version: str, body: StepBody, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Take a step with a version: check, shadow, approve by its hash, publish with a share."""
    with transaction(bank.engine) as session:
        findings = operations.take_step(
            session,
            bank_id=bank.bank_id,
            step=Step(body.step),
            version=version,
            by=by,
            now=clock.now(),
            idempotency_key=key,
            share=body.share,
        )
    return {
        "step": body.step,
        "version": version,
        "by": by,
        "findings": rules.plain_findings(findings),
    }


@router.post("/policies/{name}/roll-backs", status_code=201)
def roll_back(name: str, bank: Where, by: By, key: Key) -> dict[str, Any]:
    """Undo the latest publication at once."""
    with transaction(bank.engine) as session:
        step = operations.roll_back(
            session,
            bank_id=bank.bank_id,
            policy_name=name,
            by=by,
            now=clock.now(),
            idempotency_key=key,
        )
    return rules.plain_step(step)


@router.get("/policies/versions/{version}/back-test")
def back_test(version: str, bank: Where, _: By) -> dict[str, Any]:
    """Judge the oldest 20,000 recorded decisions of the policy again under this version."""
    with transaction(bank.engine) as session:
        found = operations.back_test(
            session,
            bank_id=bank.bank_id,
            policy=operations.read_version(session, bank.bank_id, version),
            now=clock.now(),
            limit_max=BACK_TEST_MAX,
        )
    return rules.plain_back_test(found)


@router.get("/policies/versions/{version}/shadow")
def show_shadow(version: str, bank: Where, _: By) -> dict[str, Any]:
    """Compare what a version decided in shadow with what was decided."""
    with transaction(bank.engine) as session:
        found = operations.compare_shadow(
            session, bank_id=bank.bank_id, version=version, limit_max=operations.COMPARED_MAX
        )
    return rules.plain_comparison(found)


@router.post("/decision-labels", status_code=201)
def record_labels(body: LabelsBody, bank: Where, by: By) -> dict[str, Any]:
    """Record how decisions turned out; the same label said again stands once."""
    now = clock.now()
    found = [Label(each.decision_id, each.is_good, each.known_at, by) for each in body.labels]
    with transaction(bank.engine) as session:
        count = operations.record_labels(session, bank_id=bank.bank_id, labels=found, now=now)
    return {"new_count": count}
