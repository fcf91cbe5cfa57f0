"""Another emulator as a witness: the same questions to two local clouds, their answers compared, differences explained.

asking     what a question is, and all answers of one side
sides      crossdock's local AWS and the witness, each started on loopback and always stopped
normal     answers without what is random: identifiers, moments, addresses
compare    where two answers differ, and the table that explains why
page       docs/witness.md
questions  the questions, one module a service
"""
