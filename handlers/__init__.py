"""What can staff say? One file a flow."""

from dialogue import engine
from dialogue.forms import Desk, desk
from handlers import (
    alert,
    anomaly,
    batch,
    callback,
    case,
    complaint,
    contact,
    customer,
    due,
    enrol,
    filing,
    ledger,
    menu,
    newcomer,
    person,
    reporting,
    steps,
    suspects,
    trail,
    undo,
    unsubmitted,
)

FLOWS = (
    engine.flow,
    contact.flow,
    batch.flow,
    complaint.flow,
    case.flow,
    unsubmitted.flow,
    steps.flow,
    callback.flow,
    undo.flow,
    customer.flow,
    person.flow,
    newcomer.flow,
    filing.flow,
    due.flow,
    alert.flow,
    anomaly.flow,
    ledger.flow,
    reporting.flow,
    suspects.flow,
    trail.flow,
    menu.flow,
)
DESK: Desk = desk(FLOWS, home=menu.home, free=menu.free, enrol=enrol.enrol)
