// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";
import {Market} from "./Market.sol";

/// Holds what accounts own on this chain. An account is named by its Traveler's id and its first key, so nobody can
/// open a vault in another's name; its current key alone may withdraw, trade and rotate.
/// Law: for each asset, the sum of all balances is never more than what the vault holds. Amounts that others move are
/// measured, not believed, and no call may come back in while one runs.
contract Vault {
    event Opened(bytes32 indexed account, bytes32 indexed traveler, address indexed key);
    event Rotated(bytes32 indexed account, address indexed from, address indexed to);
    event Deposited(bytes32 indexed account, address indexed asset, uint256 amount);
    event Withdrawn(bytes32 indexed account, address indexed asset, uint256 amount, address to);
    event Bought(bytes32 indexed account, address indexed market, uint256 base, uint256 quote);
    event Sold(bytes32 indexed account, address indexed market, uint256 base, uint256 quote);

    error AlreadyOpen(bytes32 account);
    error NotOpen(bytes32 account);
    error NotTheKey(bytes32 account, address by);
    error InsufficientFunds(bytes32 account, address asset, uint256 has, uint256 asked);
    error NothingDeposited();
    error NoKey();
    error Reentered();
    error TokenRefused(address token);
    error PaymentRefused(address to);
    error MarketShort(uint256 expected, uint256 got);

    /// The ether of this chain, as an asset.
    address public constant NATIVE = address(0);

    /// Slot 0: account → the key that may act for it.
    mapping(bytes32 account => address) public keyOf;
    /// Slot 1: account → asset → amount in the asset's smallest unit.
    mapping(bytes32 account => mapping(address asset => uint256)) public balanceOf;
    uint256 private entered;

    modifier once() {
        if (entered != 0) revert Reentered();
        entered = 1;
        _;
        entered = 0;
    }

    modifier onlyKey(bytes32 account) {
        if (keyOf[account] != msg.sender) revert NotTheKey(account, msg.sender);
        _;
    }

    /// Ether comes in by `deposit`, or from a market in the middle of a trade.
    receive() external payable {
        if (entered == 0) revert NothingDeposited();
    }

    function accountOf(bytes32 traveler, address key) public pure returns (bytes32) {
        return keccak256(abi.encode(traveler, key));
    }

    function open(bytes32 traveler) external returns (bytes32 account) {
        account = accountOf(traveler, msg.sender);
        if (keyOf[account] != address(0)) revert AlreadyOpen(account);
        keyOf[account] = msg.sender;
        emit Opened(account, traveler, msg.sender);
    }

    function rotate(bytes32 account, address key) external onlyKey(account) {
        if (key == address(0)) revert NoKey();
        keyOf[account] = key;
        emit Rotated(account, msg.sender, key);
    }

    function deposit(bytes32 account) external payable once {
        if (keyOf[account] == address(0)) revert NotOpen(account);
        if (msg.value == 0) revert NothingDeposited();
        balanceOf[account][NATIVE] += msg.value;
        emit Deposited(account, NATIVE, msg.value);
    }

    /// Takes `amount` of a token that the caller has approved; credits what arrived.
    function depositToken(bytes32 account, address token, uint256 amount) external once {
        if (keyOf[account] == address(0)) revert NotOpen(account);
        uint256 before = IERC20(token).balanceOf(address(this));
        if (!IERC20(token).transferFrom(msg.sender, address(this), amount)) revert TokenRefused(token);
        uint256 arrived = IERC20(token).balanceOf(address(this)) - before;
        if (arrived == 0) revert NothingDeposited();
        balanceOf[account][token] += arrived;
        emit Deposited(account, token, arrived);
    }

    function withdraw(bytes32 account, address asset, uint256 amount, address to) external once onlyKey(account) {
        _debit(account, asset, amount);
        emit Withdrawn(account, asset, amount, to);
        if (asset == NATIVE) {
            (bool paid, ) = to.call{value: amount}("");
            if (!paid) revert PaymentRefused(to);
        } else if (!IERC20(asset).transfer(to, amount)) {
            revert TokenRefused(asset);
        }
    }

    /// Buys exactly `base` of ether for at most `quoteMax` of the market's token, out of the account's balance.
    function buy(bytes32 account, Market market, uint256 base, uint256 quoteMax)
        external
        once
        onlyKey(account)
        returns (uint256 quote)
    {
        IERC20 token = market.token();
        uint256 has = balanceOf[account][address(token)];
        uint256 allowed = quoteMax < has ? quoteMax : has;
        uint256 etherBefore = address(this).balance;
        uint256 tokenBefore = token.balanceOf(address(this));
        if (!token.approve(address(market), allowed)) revert TokenRefused(address(token));
        market.buy(base, allowed);
        if (!token.approve(address(market), 0)) revert TokenRefused(address(token));
        uint256 got = address(this).balance - etherBefore;
        if (got < base) revert MarketShort(base, got);
        quote = tokenBefore - token.balanceOf(address(this));
        _debit(account, address(token), quote);
        balanceOf[account][NATIVE] += base;
        emit Bought(account, address(market), base, quote);
    }

    /// Sells exactly `base` of the account's ether for at least `quoteMin` of the market's token.
    function sell(bytes32 account, Market market, uint256 base, uint256 quoteMin)
        external
        once
        onlyKey(account)
        returns (uint256 quote)
    {
        IERC20 token = market.token();
        uint256 tokenBefore = token.balanceOf(address(this));
        _debit(account, NATIVE, base);
        market.sell{value: base}(quoteMin);
        quote = token.balanceOf(address(this)) - tokenBefore;
        if (quote < quoteMin) revert MarketShort(quoteMin, quote);
        balanceOf[account][address(token)] += quote;
        emit Sold(account, address(market), base, quote);
    }

    function _debit(bytes32 account, address asset, uint256 amount) private {
        uint256 has = balanceOf[account][asset];
        if (has < amount) revert InsufficientFunds(account, asset, has, amount);
        balanceOf[account][asset] = has - amount;
    }
}
