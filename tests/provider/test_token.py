from __future__ import annotations

from tests.provider.world import World, claims_of, document


def test_a_code_is_traded_for_tokens() -> None:
    world = World()
    response = world.redeem(world.code())
    tokens = document(response)
    assert response.status == 200
    assert claims_of(tokens["id_token"])["nonce"] == "nonce-1"
