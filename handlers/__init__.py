"""What can staff say? One file a flow."""

from dialogue import engine
from dialogue.forms import Desk, desk
from handlers import (
    alert,
    anomaly,
    callback,
    case,
    complaint,
    contact,
    customer,
    due,
    enrol,
    ledger,
    menu,
    reporting,
    steps,
    suspects,
    trail,
)

FLOWS = (
    engine.flow,
    contact.flow,
    complaint.flow,
    case.flow,
    steps.flow,
    callback.flow,
    customer.flow,
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
