"""What is true of every domain tonight? What sources told is stored at once; the books change only by a change that was judged.

read ──▶ judge ──▶ settle: a reading is an observation of one source; the judgement (no SQL, no clock) says what may be proposed
of it; what is proposed is applied at the end of a run whose share of changes of each kind is within limits, or by staff.
"""
