"""Says which supply powers which board. Fails when they are not on the same bench."""

import json
import os

held = {allocation["role"]: allocation["resource"] for allocation in json.loads(os.environ["LOCKABLE_ALLOCATIONS"])}
print(f"{held['psu']['id']} powers {held['dut']['id']} on {held['dut']['bench']}")
assert held["psu"]["bench"] == held["dut"]["bench"]
assert os.environ["LOCKABLE_ROLE_DUT_ID"] == held["dut"]["id"]
