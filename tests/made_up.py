"""Made-up rows of a run's tables, for tests of what is derived from them."""

from typing import Any


def trial_row(*, contender: str, seed: int, **values: Any) -> dict[str, Any]:
    """Return the row of a trial that went well, but for what ``values`` say."""
    return {
        "repetition": 0,
        "status": "ok",
        "updates": 5800,
        "epochs": 200,
        "train_seconds": 1.0,
        "import_seconds": 0.1,
        "first_update_seconds": 0.1,
        "process_seconds": 2.0,
        "peak_rss_bytes": 40_000_000,
        "train_loss": 0.07,
        "train_accuracy": 0.97,
        "test_loss": 0.08,
        "test_accuracy": 0.96,
        "reached_target": True,
        "updates_to_target": 2500,
        "epochs_to_target": 87,
        "seconds_to_target": 0.5,
        "threads": 1,
        "data_hash": "d",
        "split_hash": "s",
        "weights_hash": f"w{seed}",
        "order_hash": f"o{seed}",
        "contender": contender,
        "seed": seed,
        **values,
    }


def curve_rows(suite: str, scenario: str, contender: str, seed: int, losses: list[float]) -> list[dict[str, Any]]:
    """Return the rows of a curve with these training losses."""
    return [
        {
            "suite": suite,
            "scenario": scenario,
            "contender": contender,
            "seed": seed,
            "repetition": 0,
            "epoch": epoch,
            "updates": 29 * epoch,
            "train_loss": loss,
        }
        for epoch, loss in enumerate(losses)
    ]
