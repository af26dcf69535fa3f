"""The gate. Ann sells in unit 1 and Ben in unit 2; departments 7 (quality) and 8 (logistics); company 9.

The customer and the complaint of each row belong to unit 1 and to Ann, unless the row says otherwise.
"""

import pytest

from rules.gate import NEEDS, Action, Actor, Reach, Scope, Seat, Subject, may, scope
from rules.roles import Role

ANN, BEN, HEAD, SOMEBODY = 1, 2, 3, 4
SOUTH, NORTH, QUALITY, LOGISTICS, COMPANY = 1, 2, 7, 8, 9

WHOSE = {
    "own": Subject(unit=SOUTH, owner=SOMEBODY, self_=SOMEBODY),
    "Ann's": Subject(unit=SOUTH, owner=ANN),
    "handled": Subject(unit=SOUTH, owner=ANN, handler=SOMEBODY),
    "Ben's": Subject(unit=NORTH, owner=BEN),
    "quality's": Subject(unit=NORTH, owner=BEN, departments=frozenset({QUALITY})),
    "written": Subject(self_=SOMEBODY),
    "another's": Subject(unit=SOUTH, owner=SOMEBODY, self_=ANN),
    "none": Subject(),
}

# who (and the unit of the seat), may, whose, yes or no
TABLE = """
    salesperson       1  find_customer      Ann's      yes
    salesperson       1  find_customer      Ben's      no
    salesperson       1  see_customer       own        yes
    salesperson       1  see_customer       Ann's      no
    salesperson       1  log_contact        own        yes
    salesperson       1  log_contact        Ann's      no
    salesperson       1  open_complaint     Ben's      yes
    salesperson       1  see_complaint      handled    yes
    salesperson       1  see_complaint      Ann's      no
    salesperson       1  resolve            handled    yes
    salesperson       1  confirm_complaint  handled    no
    salesperson       1  undo_own           written    yes
    salesperson       1  undo_own           another's  no
    salesperson       1  keep_person        own        yes
    salesperson       1  keep_person        Ann's      no
    salesperson       1  register_customer  own        yes
    salesperson       1  file_customer      own        no
    unit_head         1  file_customer      Ann's      no
    sales_dept        9  file_customer      Ben's      yes
    sales_dept        9  register_customer  Ben's      no
    unit_head         1  see_customer       Ann's      yes
    unit_head         1  see_customer       Ben's      no
    unit_head         1  log_contact        Ann's      yes
    unit_head         1  close_complaint    Ann's      no
    unit_head         1  close_complaint    Ben's      no
    unit_head         1  reinstate_complaint Ann's     no
    unit_head         1  confirm_complaint  Ann's      no
    unit_head         1  evaluate_complaint Ann's      yes
    unit_head         1  hand_on_complaint  Ann's      yes
    unit_head         1  entrust_complaint  Ann's      no
    quality           7  entrust_complaint  quality's  yes
    logistics         8  entrust_complaint  quality's  no
    salesperson       1  reroute_complaint  own        yes
    salesperson       1  close_complaint    own        no
    salesperson       1  decide_step        written    yes
    salesperson       1  decide_step        another's  no
    audit             9  decide_step        written    no
    vice_president    2  see_customer       Ben's      yes
    vice_president    2  see_customer       Ann's      no
    vice_president    7  see_complaint      quality's  yes
    vice_president    7  see_customer       Ben's      no
    general_manager   9  see_customer       Ann's      yes
    chairman          9  log_contact        Ben's      yes
    sales_dept        9  confirm_complaint  Ben's      yes
    sales_dept        9  reinstate_complaint Ben's     yes
    sales_dept        9  confirm_complaint  Ben's      yes
    sales_dept        9  enrol              none       no
    enterprise        7  keep_calendar      none       yes
    general_manager   9  keep_calendar      none       yes
    vice_president    7  keep_calendar      none       no
    sales_dept        9  keep_calendar      none       no
    audit             9  keep_calendar      none       no
    admin             9  keep_calendar      none       no
    quality           7  find_customer      Ben's      yes
    quality           7  see_customer       Ben's      no
    quality           7  see_complaint      quality's  yes
    quality           7  see_complaint      Ben's      no
    quality           7  assign_complaint   quality's  yes
    quality           7  confirm_complaint  quality's  no
    logistics         8  see_complaint      quality's  no
    logistics         8  open_complaint     Ben's      yes
    enterprise        9  see_complaint      Ben's      yes
    enterprise        9  note_complaint     Ben's      no
    legal             9  log_contact        Ben's      no
    salesperson       1  open_inquiry       Ben's      yes
    salesperson       1  see_inquiry        own        yes
    salesperson       1  see_inquiry        handled    yes
    salesperson       1  see_inquiry        Ann's      no
    salesperson       1  see_inquiry        written    yes
    salesperson       1  answer_inquiry     own        yes
    salesperson       1  answer_inquiry     Ann's      no
    unit_head         1  answer_inquiry     Ann's      yes
    unit_head         1  see_inquiry        Ben's      no
    vice_president    2  answer_inquiry     Ben's      yes
    vice_president    2  see_inquiry        Ann's      no
    general_manager   9  answer_inquiry     Ben's      yes
    sales_dept        9  answer_inquiry     Ann's      yes
    quality           7  see_inquiry        quality's  yes
    quality           7  see_inquiry        Ann's      no
    logistics         8  open_inquiry       Ben's      yes
    logistics         8  answer_inquiry     own        yes
    secretary         1  open_inquiry       Ann's      yes
    secretary         1  answer_inquiry     own        yes
    secretary         1  answer_inquiry     Ann's      no
    audit             9  see_inquiry        Ben's      yes
    audit             9  open_inquiry       own        no
    audit             9  answer_inquiry     own        no
    supervision       9  answer_inquiry     Ben's      no
    admin             9  see_inquiry        own        no
    admin             9  open_inquiry       own        no
    audit             9  see_customer       Ben's      yes
    audit             9  see_complaint      quality's  yes
    audit             9  log_contact        own        no
    audit             9  open_complaint     own        no
    audit             9  note_complaint     handled    no
    supervision       9  see_due            Ben's      yes
    supervision       9  undo_own           written    no
    secretary         1  see_customer       Ann's      no
    secretary         1  see_complaint      written    yes
    admin             9  enrol              none       yes
    admin             9  find_customer      Ann's      no
    admin             9  see_customer       own        no
    admin             9  see_complaint      own        no
    admin             9  acknowledge        written    yes
    admin             9  acknowledge        another's  no
    admin             9  see_rules          none       yes
    sales_dept        9  decide_anomaly     Ben's      yes
    unit_head         1  decide_anomaly     Ann's      no
    unit_head         1  see_reporting      Ann's      yes
    unit_head         1  see_reporting      Ben's      no
    unit_head         1  urge               Ann's      yes
    salesperson       1  see_reporting      own        no
    salesperson       1  export             own        no
    unit_head         1  export             Ann's      yes
    unit_head         1  export             Ben's      no
    quality           7  export             quality's  yes
    audit             9  urge               Ben's      no
    audit             9  export             Ben's      yes
    audit             9  see_audit          none       yes
    supervision       9  judge_suspect      Ben's      yes
    sales_dept        9  see_suspects       Ben's      yes
    sales_dept        9  see_audit          none       no
    general_manager   9  see_audit          none       no
    unit_head         1  see_suspects       Ann's      no
    admin             9  see_audit          none       no
    salesperson       1  see_unit           own        no
    salesperson       1  annotate           own        no
    salesperson       1  answer_task        written    yes
    salesperson       1  answer_task        another's  no
    unit_head         1  see_unit           Ann's      yes
    unit_head         1  see_unit           Ben's      no
    unit_head         1  see_units          Ann's      no
    unit_head         1  annotate           Ben's      no
    unit_head         1  give_order         Ann's      no
    unit_head         1  confirm_proxy      written    no
    vice_president    2  see_units          Ben's      yes
    vice_president    2  give_order         Ben's      yes
    vice_president    2  give_order         Ann's      no
    vice_president    2  confirm_proxy      written    yes
    vice_president    2  confirm_proxy      another's  no
    general_manager   9  give_order         Ann's      yes
    sales_dept        9  see_units          Ben's      yes
    sales_dept        9  give_order         Ben's      no
    audit             9  answer_task        written    no
    secretary         1  log_contact        Ann's      yes
    secretary         1  log_contact        Ben's      no
    secretary         1  confirm_proxy      written    no
    salesperson       1  raise_claim        handled    yes
    salesperson       1  raise_claim        Ann's      no
    quality           7  raise_claim        quality's  yes
    secretary         1  estimate_claim     written    no
    unit_head         1  estimate_claim     Ann's      yes
    quality           7  estimate_claim     quality's  yes
    quality           7  estimate_claim     Ann's      no
    sales_dept        9  assess_claim       Ben's      yes
    quality           7  assess_claim       quality's  no
    unit_head         1  assess_claim       Ann's      no
    finance           9  assess_claim       Ben's      no
    finance           9  settle_claim       Ben's      yes
    sales_dept        9  settle_claim       Ben's      no
    unit_head         1  settle_claim       Ann's      no
    legal             9  flag_major         Ben's      yes
    office            9  flag_major         Ben's      yes
    salesperson       1  flag_major         handled    yes
    finance           9  flag_major         Ben's      no
    sales_dept        9  undo_major         Ben's      yes
    general_manager   9  undo_major         Ben's      yes
    office            9  undo_major         Ben's      no
    unit_head         1  undo_major         Ann's      no
    office            9  record_meeting     Ben's      yes
    chairman          9  record_meeting     Ben's      yes
    sales_dept        9  record_meeting     Ben's      no
    admin             9  import_list        none       yes
    sales_dept        9  import_list        none       no
    general_manager   9  import_list        none       no
    sales_dept        9  merge_customers    Ben's      yes
    vice_president    2  merge_customers    Ann's      no
    unit_head         1  merge_customers    Ann's      no
    audit             9  merge_customers    Ben's      no
    admin             9  merge_customers    own        no
    salesperson       1  export_customers   own        yes
    salesperson       1  export_customers   Ann's      no
    unit_head         1  export_customers   Ben's      no
    audit             9  export_customers   Ben's      yes
    quality           7  export_customers   quality's  no
    admin             9  export_customers   own        no
    audit             9  record_meeting     Ben's      no
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def somebody(*seats: tuple[Role, int]) -> Actor:
    return Actor(SOMEBODY, frozenset(Seat(role, unit) for role, unit in seats))


@pytest.mark.parametrize(("role", "unit", "action", "whose", "answer"), ROWS, ids=[" ".join(row) for row in ROWS])
def test_who_may_do_what_to_whose_records(role: str, unit: str, action: str, whose: str, answer: str) -> None:
    assert may(somebody((Role(role), int(unit))), Action(action), WHOSE[whose]) is (answer == "yes")


def test_every_action_says_how_far_every_role_reaches() -> None:
    assert set(NEEDS) == set(Action)
    assert all(set(row) == set(Role) for row in NEEDS.values())


def test_the_auditors_read_everything_and_change_nothing() -> None:
    reading = {Action.FIND_CUSTOMER, Action.SEE_CUSTOMER, Action.SEE_COMPLAINT, Action.SEE_RULES, Action.SEE_DUE}
    reading |= {
        Action.SEE_INQUIRY,
        Action.SEE_REGISTER,
        Action.SEE_FILINGS,
        Action.SEE_TIERS,
        Action.SEE_PLAN,
        Action.SEE_SCORES,
        Action.SEE_REPORT,
        Action.SEE_SURVEY,
    }
    reading |= {Action.SEE_UNIT, Action.SEE_UNITS}
    reading |= {Action.OPEN_FILE, Action.SEE_OPENINGS, Action.EXPORT_FILE}  # on record, as everybody's
    reading |= {Action.EXPORT_CUSTOMERS, Action.SEE_REPORTING, Action.EXPORT, Action.SEE_SUSPECTS, Action.SEE_AUDIT}
    reading |= {Action.JUDGE_SUSPECT}  # a finding, which changes no record
    reading |= {Action.SEE_SEALINGS, Action.DECIDE_SEALING}  # they agree to what others ask for
    reading |= {Action.HANDLE_CONCERN, Action.GIVE_FINDING}  # what came to them alone, and what they find
    for role in (Role.AUDIT, Role.SUPERVISION):
        assert {action for action in Action if NEEDS[action][role] is Reach.ALL} == reading
        changing = set(Action) - reading - {Action.ACKNOWLEDGE, Action.TAKE_LEAVE}  # their own alone
        assert {NEEDS[action][role] for action in changing} == {Reach.NONE}


def test_the_administrator_sees_no_customer_by_that_role() -> None:
    reached = {action for action in Action if NEEDS[action][Role.ADMIN] is not Reach.NONE}
    everybody = {Action.ACKNOWLEDGE, Action.SEE_RULES, Action.REPORT_CONCERN, Action.TAKE_LEAVE}
    comings_and_goings = {Action.ENROL, Action.HAND_OVER, Action.RECORD_LEAVING, Action.DECIDE_LEAVING}
    assert reached == {*everybody, *comings_and_goings, Action.IMPORT_LIST, Action.SEE_DUE, Action.SEE_STATUS}
    assert NEEDS[Action.SEE_DUE][Role.ADMIN] is Reach.SELF


@pytest.mark.parametrize("action", Action)
def test_nobody_without_a_seat_may_do_anything(action: Action) -> None:
    assert not any(may(somebody(), action, subject) for subject in WHOSE.values())


def test_several_seats_reach_as_far_as_all_of_them_together() -> None:
    both = somebody((Role.UNIT_HEAD, SOUTH), (Role.ADMIN, COMPANY))
    assert may(both, Action.SEE_CUSTOMER, WHOSE["Ann's"])
    assert may(both, Action.ENROL, WHOSE["none"])
    assert not may(both, Action.SEE_CUSTOMER, WHOSE["Ben's"])


def test_a_scope_says_in_the_terms_of_a_query_what_is_reached() -> None:
    vice_president = somebody((Role.VICE_PRESIDENT, SOUTH), (Role.VICE_PRESIDENT, LOGISTICS))
    assert scope(vice_president, Action.SEE_CUSTOMER) == Scope(
        all=False, units=frozenset({SOUTH, LOGISTICS}), owner=SOMEBODY, self_=SOMEBODY
    )
    assert scope(somebody((Role.SALESPERSON, SOUTH)), Action.SEE_CUSTOMER).units == frozenset()
    assert scope(somebody((Role.AUDIT, COMPANY)), Action.SEE_CUSTOMER).all
    assert scope(somebody((Role.QUALITY, QUALITY)), Action.SEE_CUSTOMER) == Scope(False, frozenset(), None, None)


def test_a_record_without_a_unit_or_an_owner_is_reached_only_by_those_who_reach_all() -> None:
    assert not may(somebody((Role.UNIT_HEAD, SOUTH)), Action.SEE_CUSTOMER, WHOSE["none"])
    assert may(somebody((Role.SALES_DEPT, COMPANY)), Action.SEE_CUSTOMER, WHOSE["none"])
