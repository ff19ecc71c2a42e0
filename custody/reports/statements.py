"""The fixed sentences of a custody report: what it does not prove, and what its words mean.

Does: hold wording that a court will rely on, in one place, so that a change of it is seen in review.
Does not: hold anything about a case. Layout and headings are in templates/reports.
"""

LIMITS: tuple[tuple[str, str], ...] = (
    (
        "Before intake.",
        "The hashes and signatures show that the stored bytes are unchanged since they were taken "
        "into this system (intake). They do not show that the bytes are unchanged since they were "
        "acquired. Where a hash declared by the person who acquired the data agrees with the hash "
        "computed at intake, that agreement reaches back to the moment at which the declared hash was "
        "made, and rests on that person's word for the moment.",
    ),
    (
        "Equal is not true.",
        "Equal hashes show that two copies hold the same bytes. They do not show that the content is "
        "genuine, complete or correctly dated, nor who made it.",
    ),
    (
        "Who was at the keyboard.",
        "A signature shows that a certain key signed a certain record. It does not show who was at "
        "the keyboard. That the key belongs to the named person rests on its enrolment, and that the "
        "person used it rests on how the key was kept. Nothing in this report shows who used a seized "
        "device or account.",
    ),
    (
        "Truth of statements.",
        "Descriptions, places, purposes, reasons, conditions, seal numbers and outcomes are "
        "statements of the person who signed the record. The signature shows that the statement was "
        "made and has not been altered since. It does not show that the statement is true.",
    ),
    (
        "Clocks.",
        "A time marked “stated” was given by the signer or by the signer's device. A time marked "
        "“recorded” comes from the clock of the server. This report proves the correctness of "
        "neither. What the log proves is the order in which the records were entered.",
    ),
    (
        "Outside time.",
        "A record is proven to have existed before a certain date only where this report names a time "
        "stamp of an outside service. Where none is named, dates rest on the clocks described above.",
    ),
    (
        "One log.",
        "The log is kept by the agency. That every reader has been shown the same log is proven only "
        "as far as outside witnesses have co-signed it, or reports and receipts in the hands of "
        "different people have been compared.",
    ),
    (
        "Later records.",
        "The report covers the log up to the size printed on the first page. What was recorded "
        "afterwards is not in it. A newer report may exist; ask for it.",
    ),
    (
        "Acts outside the system.",
        "An unbroken list of custodians shows that the recorded acts follow one another. It does not "
        "show that nobody handled an object, a key or a copy without making a record.",
    ),
    (
        "Withheld fields.",
        "A field marked “withheld” exists and its content is fixed by the signed record, but it is "
        "not disclosed in this copy. Nothing about its content may be concluded from that.",
    ),
    (
        "Redacted copies.",
        "The checks made on a redacted copy look for known identifying details. They do not show that "
        "no reader could recognise a person.",
    ),
    (
        "Seal of the agency.",
        "The electronic seal on this file shows which agency issued it and that the file is unchanged "
        "since. It does not make the content true.",
    ),
    (
        "Questions of law.",
        "Lawfulness of the seizure, relevance, weight and admissibility are for the court. This "
        "report states no opinion on them.",
    ),
)

TERMS: tuple[tuple[str, str], ...] = (
    ("Acquisition", "The making of the first copy of data, or the taking of a device, before intake."),
    (
        "Checkpoint",
        "A short statement, signed with the log's key, of how many records the log has and of one "
        "hash (the root) that depends on all of them.",
    ),
    ("Custodian", "The person who answers for an exhibit. Changes only by an approved transfer."),
    (
        "Exhibit",
        "A thing or a file under an exhibit number. Redacted or extracted copies are exhibits of their own.",
    ),
    ("Genesis", "The first record of the log. It names the keys from which all other keys were enrolled."),
    (
        "Hash",
        "A number computed from all bytes of a file. If one bit of the file changes, the hash "
        "changes. Algorithms marked “legacy” are printed only for comparison with tool reports.",
    ),
    ("Intake", "The moment at which this system received the bytes, computed their hashes and stored them."),
    ("Key", "What a person signs with. Printed as key id: the SHA-256 of the public key, in base64url."),
    ("Leaf hash", "The SHA-256 of one signed record as it stands in the log."),
    (
        "Log",
        "The list of all signed records, to which records can be added but not changed or removed unseen.",
    ),
    ("Not recorded", "No record of the log gives this detail."),
    (
        "Proof bundle",
        "The file custody-proof.json inside this PDF: the signed records, the checkpoint, and the "
        "proofs that nothing was left out.",
    ),
    ("Pseudonym", "The name by which this report refers to a victim, suspect or witness."),
    ("Record", "One signed statement in the log. “Record no.” is its place in the log, counted from 0."),
    ("Recorded", "The time at which the server took a record in."),
    ("Seal (electronic)", "The agency's signature over this PDF file."),
    ("Seal (physical)", "A numbered closure on a container."),
    ("Stated", "The time of an act as its signer gives it."),
    (
        "U+0000, ¶",
        "A character that could not be printed or must not be hidden, by its Unicode number; a line end.",
    ),
    ("Withheld", "Present in the record, but not disclosed in this copy."),
)
