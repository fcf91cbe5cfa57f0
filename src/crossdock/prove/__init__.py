"""Who reaches what, proven before anything is deployed: needs, nevers, and grants that nobody uses. Makes no call.

    proof = prove(assembly, texts, sources)
    proof.ok, proof.failing, proof.breached, proof.unused

resources, physical  stacks deployed on paper          held, collect  the policies in force, each with its line
scene, packaging     pipelines and their services      judge          one request decided
needs/               who must do what to what          nevers, claims what must be refused
unused, advice       grants to no purpose, what a failing need lacks
"""

from crossdock.prove.prove import judge_of, of, prove, stage
from crossdock.prove.scene import Scene, Source

__all__ = ["Scene", "Source", "judge_of", "of", "prove", "stage"]
