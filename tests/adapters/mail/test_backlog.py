"""Is the right notice sent once to everybody, after days in which nothing ran? The benchmark's own way, with fewer names."""

from tests.benchmarks.notices import catch_up, mail_server


def test_after_days_of_downtime_everybody_hears_the_newest_once(database_url: str) -> None:
    """After three days of downtime a real mail server is handed one mail for each name, and each says what is true now."""
    with mail_server() as (port, told):
        caught_up = catch_up(database_url, port, told, names=96)
    assert caught_up.is_right
    assert set(caught_up.expected.values()) > {-31, -15, -7, 5, 20}
