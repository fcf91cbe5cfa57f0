"""The proof that comes before the deed: nothing is done of which it is known that access fails, or reaches too far."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crossdock import prove
from crossdock.aws.cloud import Cloud
from crossdock.aws.organizations import read_if_allowed
from crossdock.deploy.assemble import STATE
from crossdock.errors import ProofFailed
from crossdock.model.assembly import Assembly
from crossdock.model.codec import dumps
from crossdock.model.proof import Proof
from crossdock.prove import words
from crossdock.prove.controls import controlled
from crossdock.prove.read import read

UNTOLD = "what the organization forbids is not in this proof: only its management account may be asked for it"


def proven(assembly: Assembly, directory: Path, root: Path, cloud: Cloud | None = None) -> Proof:
    """The proof of an assembly in `directory`, kept in the platform's state.

    cloud  asked for the organization's control policies, where the profile may; a note says so where it may not

    Raises ProofFailed with what fails. What is wrong in a service's template alone is for its delivery to show.
    """
    scene = read(assembly, directory, root)
    notes: tuple[str, ...] = ()
    if cloud is not None and assembly.organization:
        organization = read_if_allowed(cloud, assembly.accounts.values())
        if organization is None:
            notes = (UNTOLD,)
        else:
            scene = controlled(scene, organization, f"the organization {organization.id}")
    proof = prove.of(scene)
    proof = replace(proof, notes=(*proof.notes, *notes))
    (root / STATE).mkdir(exist_ok=True)
    (root / STATE / "proof.json").write_text(dumps(proof), encoding="utf-8")
    if proof.failing or proof.breached:
        raise ProofFailed(summary=words.summary(proof), details=words.failures(proof))
    return proof
