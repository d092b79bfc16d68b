"""The built-in kinds of change records with their data fields (DESIGN §4).

Sources: the exchange tables that departments already fill (EX_SB, EX_SL, EX_SPCL, EX_BJ, EX_TBCXSQ, EX_TBCXJG, EX_BJGZ,
EX_BJSL, EX_LQDJ, EX_WSYSL), the national ``up_pro_*`` tables, and the hall's complaint, rating and fee records.
"""

from __future__ import annotations

from collections.abc import Mapping

from rules.field_types import Type

TEXT, BOOLEAN, INTEGER, DECIMAL = Type.TEXT, Type.BOOLEAN, Type.INTEGER, Type.DECIMAL
INSTANT, DATE, LIMIT, LIST = Type.INSTANT, Type.DATE, Type.LIMIT, Type.LIST

Fields = Mapping[str, Type]

HEADER: Fields = {
    "record_id": TEXT,
    "version": INTEGER,
    "case_id": TEXT,
    "root": TEXT,
    "kind": TEXT,
    "occurred_at": INSTANT,
    "reported_at": INSTANT,
    "precision": TEXT,
    "source": TEXT,
    "sequence": INTEGER,
    "region": TEXT,
    "org": TEXT,
    "window": TEXT,
    "item": TEXT,
    "actor": TEXT,
    "step": TEXT,
}
"""What every record carries and rules may read: all of the header but how and when the record came to us."""

EVERYWHERE: Fields = {"note": TEXT}
"""Data fields that any built-in kind may carry."""

HANDLING: Fields = {"documents": LIST, "receipt_no": TEXT, "opinion": TEXT}
DOCUMENT: Fields = {"certificate_no": TEXT, "certificate_name": TEXT, "issued_at": INSTANT, "valid_until": DATE}
APPLICANT: Fields = {
    "applicant": TEXT,
    "applicant_type": TEXT,
    "applicant_id": TEXT,
    "contact": TEXT,
    "phone": TEXT,
    "project": TEXT,
    "channel": TEXT,
}
ACCEPTANCE: Fields = {"prescribed_fee": DECIMAL, "legal_limit": LIMIT, "promised_limit": LIMIT, "promised_date": DATE}
RESULT: Fields = {"result": TEXT, "reason": TEXT, "ground": TEXT}
SUSPENSION: Fields = {
    "ordinal": INTEGER,
    "ground": TEXT,
    "reason": TEXT,
    "requested_limit": LIMIT,
    "approver": TEXT,
    "approver_phone": TEXT,
    "notified_at": INSTANT,
}
COMPLAINT: Fields = {
    **APPLICANT,
    "subject": TEXT,
    "text": TEXT,
    "to_org": TEXT,
    "limit": LIMIT,
    "result": TEXT,
    "reason": TEXT,
    "named": BOOLEAN,
    "satisfaction": TEXT,
}

KINDS: Mapping[str, Fields] = {
    "submitted": {**APPLICANT, **HANDLING, "previous_case": TEXT, "item_name": TEXT},
    "received": {**APPLICANT, **HANDLING},
    "prechecked": {**HANDLING, "result": TEXT, "reason": TEXT},
    "correction_requested": {**HANDLING, "reason": TEXT, "ordinal": INTEGER, "limit": LIMIT},
    "correction_received": {**HANDLING, "ordinal": INTEGER},
    "accepted": {**APPLICANT, **HANDLING, **ACCEPTANCE, "case_kind": TEXT, "item_version": TEXT},
    "refused": {**HANDLING, "reason": TEXT, "ground": TEXT},
    "forwarded": {"to_org": TEXT, "reason": TEXT, "opinion": TEXT},
    "step_started": {"ordinal": INTEGER, "step_name": TEXT, "step_limit": LIMIT, "post": TEXT},
    "step_done": {
        **HANDLING,
        "ordinal": INTEGER,
        "step_name": TEXT,
        "step_limit": LIMIT,
        "started_at": INSTANT,
        "result": TEXT,
        "approver": TEXT,
        "post": TEXT,
    },
    "sent_back": {"from_step": TEXT, "to_step": TEXT, "reason": TEXT, "opinion": TEXT},
    "suspended": {**SUSPENSION, "procedure": TEXT, "content": TEXT, "documents": LIST},
    "resumed": {"ordinal": INTEGER, "result": TEXT, "reason": TEXT, "fee": DECIMAL},
    "extended": {
        "ordinal": INTEGER,
        "extension": LIMIT,
        "reason": TEXT,
        "approver": TEXT,
        "approver_phone": TEXT,
        "notified_at": INSTANT,
    },
    "decided": {**HANDLING, **RESULT, **DOCUMENT, "outcome": TEXT, "approver": TEXT},
    "concluded": {
        **HANDLING,
        **RESULT,
        **DOCUMENT,
        "outcome": TEXT,
        "fee": DECIMAL,
        "currency": TEXT,
        "waiver_no": TEXT,
        "approver": TEXT,
    },
    "application_withdrawn": {"reason": TEXT, "applicant": TEXT},
    "collected": {"collector": TEXT, "collector_id": TEXT, "manner": TEXT, "certificate_no": TEXT},
    "certificate_issued": DOCUMENT,
    "fee_paid": {
        "fee": DECIMAL,
        "prescribed_fee": DECIMAL,
        "quantity": DECIMAL,
        "currency": TEXT,
        "receipt_no": TEXT,
        "waiver_no": TEXT,
    },
    "rated": {"rating": INTEGER, "channel": TEXT, "text": TEXT, "rater": TEXT, "phone": TEXT},
    "complaint_lodged": COMPLAINT,
    "complaint_accepted": COMPLAINT,
    "complaint_refused": COMPLAINT,
    "complaint_forwarded": COMPLAINT,
    "complaint_assigned": COMPLAINT,
    "complaint_extended": {**COMPLAINT, "extension": LIMIT, "approver": TEXT},
    "complaint_replied": COMPLAINT,
    "complaint_reviewed": COMPLAINT,
    "complaint_closed": COMPLAINT,
    "consult_asked": COMPLAINT,
    "consult_replied": COMPLAINT,
    "hearing_requested": {"reason": TEXT, "applicant": TEXT},
    "hearing_held": {"result": TEXT, "reason": TEXT},
    "item_changed": {"item_version": TEXT, "change": TEXT, "reason": TEXT},
    "linked": {"linked_case": TEXT, "relation": TEXT, "ordinal": INTEGER},
    "responsibility_changed": {"to_org": TEXT, "to_window": TEXT, "to_actor": TEXT, "reason": TEXT},
}
"""Every built-in kind with its own data fields; ``outcome`` of ``concluded`` is the code 0..6 as text."""

PERSONAL = frozenset({
    "applicant",
    "applicant_id",
    "approver_phone",
    "collector",
    "collector_id",
    "contact",
    "phone",
    "rater",
})  # fmt: skip
"""Data fields that carry personal values unless a mapping says otherwise."""

ITEM: Fields = {
    "code": TEXT,
    "name": TEXT,
    "type": TEXT,
    "org": TEXT,
    "promised_limit": LIMIT,
    "legal_limit": LIMIT,
    "standard_fee": DECIMAL,
    "fee_tolerance": DECIMAL,
    "documents": LIST,
    "route": LIST,
    "special_procedures": LIST,
    "instant": BOOLEAN,
    "status": TEXT,
}
"""What conditions can read of the item's version in force."""

CASE: Fields = {
    "id": TEXT,
    "root": TEXT,
    "namespace": TEXT,
    "region": TEXT,
    "org": TEXT,
    "window": TEXT,
    "item": TEXT,
}
"""What conditions can read of the case itself."""
