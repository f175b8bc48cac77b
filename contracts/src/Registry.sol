// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Where components of a deployment are made known on this chain. Registration is inert: it moves nothing and promises
/// nothing. Whoever registers first under a key owns that key; a component is named by who registered it, so that
/// nobody can take a name before its owner does.
contract Registry {
    event Registered(bytes32 indexed deployment, bytes32 indexed component, address indexed by);
    event Withdrawn(bytes32 indexed deployment, bytes32 indexed component, address indexed by);

    error NotRegistered(bytes32 deployment, bytes32 component, address by);

    /// Slot 0: keccak256(deployment, component, by) → whether it stands.
    mapping(bytes32 key => bool) public registered;

    function keyOf(bytes32 deployment, bytes32 component, address by) public pure returns (bytes32) {
        return keccak256(abi.encode(deployment, component, by));
    }

    /// Idempotent in state. The event is emitted each time, so a repeated transaction still has a provable answer.
    function register(bytes32 deployment, bytes32 component) external {
        registered[keyOf(deployment, component, msg.sender)] = true;
        emit Registered(deployment, component, msg.sender);
    }

    function withdraw(bytes32 deployment, bytes32 component) external {
        bytes32 key = keyOf(deployment, component, msg.sender);
        if (!registered[key]) revert NotRegistered(deployment, component, msg.sender);
        registered[key] = false;
        emit Withdrawn(deployment, component, msg.sender);
    }
}
