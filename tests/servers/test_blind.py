"""Whoever was robbed of the right to see anything is told so, and does not look at a quiet monitor."""

from __future__ import annotations

import pytest

from oncall_tui.errors import Rejected
from tests.servers.conftest import Server
from tests.servers.reach import Reach
from tests.servers.second.zabbix import Zabbix

pytestmark = pytest.mark.server


def test_zabbix_lists_nothing_to_a_group_that_may_read_no_host(zabbix: Server) -> None:
    admin, olga = Zabbix(zabbix), Reach("zabbix", zabbix.url, "Olga", zabbix.env["TOKEN_ONCALL"])
    [group] = admin("usergroup.get", filter={"name": "On-call"}, output=["usrgrpid"], selectRights="extend")
    admin("usergroup.update", usrgrpid=group["usrgrpid"], rights=[])
    try:
        with pytest.raises(Rejected, match="shows you no host at all"):
            olga.poll()
    finally:
        rights = [{name: right[name] for name in ("id", "permission")} for right in group["rights"]]
        admin("usergroup.update", usrgrpid=group["usrgrpid"], rights=rights)
    admin.clear()
    assert olga.poll().signals == []
