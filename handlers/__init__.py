"""What can staff say? One file a flow."""

from dialogue import engine
from dialogue.forms import Desk, desk
from handlers import (
    alert,
    annotate,
    briefing,
    callback,
    calls,
    case,
    complaint,
    contact,
    customer,
    due,
    enrol,
    menu,
    orders,
    proxy,
    steps,
    tasks,
    units,
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
    calls.flow,
    units.flow,
    briefing.flow,
    tasks.flow,
    annotate.flow,
    orders.flow,
    proxy.flow,
    menu.flow,
)
DESK: Desk = desk(FLOWS, home=menu.home, free=menu.free, enrol=enrol.enrol)
