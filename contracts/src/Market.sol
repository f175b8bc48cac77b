// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "./IERC20.sol";

/// A constant-product pool of ether (base) against one token (quote), stocked by its provider.
/// The reserves stand in slots 0 and 1, so that a storage proof shows the price: quote / base.
/// Law: after each trade, base × quote is not less than before. The fee stays in the pool.
contract Market {
    event Bought(address indexed by, uint256 base, uint256 quote);
    event Sold(address indexed by, uint256 base, uint256 quote);
    event Provided(uint256 base, uint256 quote);
    event Removed(uint256 base, uint256 quote);

    error NotProvider(address by);
    error TooDear(uint256 quote, uint256 quoteMax);
    error TooCheap(uint256 quote, uint256 quoteMin);
    error NotEnoughLiquidity(uint256 has, uint256 asked);
    error NothingTraded();
    error FeeTooHigh(uint256 feeBasisPoints);
    error TokenRefused();
    error PaymentRefused(address to);

    /// Slot 0, in wei.
    uint256 public reserveBase;
    /// Slot 1, in the token's smallest unit.
    uint256 public reserveQuote;

    IERC20 public immutable token;
    address public immutable provider;
    uint256 public immutable feeBasisPoints;
    uint256 private constant BASIS_POINTS = 10_000;

    constructor(IERC20 token_, uint256 feeBasisPoints_) {
        if (feeBasisPoints_ >= BASIS_POINTS) revert FeeTooHigh(feeBasisPoints_);
        token = token_;
        provider = msg.sender;
        feeBasisPoints = feeBasisPoints_;
    }

    modifier onlyProvider() {
        if (msg.sender != provider) revert NotProvider(msg.sender);
        _;
    }

    /// Adds the ether sent and `quote` of the token, which the provider has approved.
    function provide(uint256 quote) external payable onlyProvider {
        reserveBase += msg.value;
        reserveQuote += quote;
        emit Provided(msg.value, quote);
        if (!token.transferFrom(msg.sender, address(this), quote)) revert TokenRefused();
    }

    function remove(uint256 base, uint256 quote) external onlyProvider {
        if (base > reserveBase) revert NotEnoughLiquidity(reserveBase, base);
        if (quote > reserveQuote) revert NotEnoughLiquidity(reserveQuote, quote);
        reserveBase -= base;
        reserveQuote -= quote;
        emit Removed(base, quote);
        if (!token.transfer(msg.sender, quote)) revert TokenRefused();
        _pay(msg.sender, base);
    }

    /// What buying exactly `base` costs now, fee included, rounded up.
    function quoteBuy(uint256 base) public view returns (uint256) {
        if (base == 0) revert NothingTraded();
        if (base >= reserveBase) revert NotEnoughLiquidity(reserveBase, base);
        uint256 numerator = reserveQuote * base * BASIS_POINTS;
        uint256 denominator = (reserveBase - base) * (BASIS_POINTS - feeBasisPoints);
        return numerator / denominator + 1;
    }

    /// What selling exactly `base` brings now, fee deducted, rounded down.
    function quoteSell(uint256 base) public view returns (uint256) {
        if (base == 0) revert NothingTraded();
        uint256 net = base * (BASIS_POINTS - feeBasisPoints);
        return (reserveQuote * net) / (reserveBase * BASIS_POINTS + net);
    }

    /// Buys exactly `base` of ether for at most `quoteMax` of the token, which the caller has approved.
    function buy(uint256 base, uint256 quoteMax) external returns (uint256 quote) {
        quote = quoteBuy(base);
        if (quote > quoteMax) revert TooDear(quote, quoteMax);
        reserveBase -= base;
        reserveQuote += quote;
        emit Bought(msg.sender, base, quote);
        if (!token.transferFrom(msg.sender, address(this), quote)) revert TokenRefused();
        _pay(msg.sender, base);
    }

    /// Sells exactly the ether sent for at least `quoteMin` of the token.
    function sell(uint256 quoteMin) external payable returns (uint256 quote) {
        quote = quoteSell(msg.value);
        if (quote < quoteMin) revert TooCheap(quote, quoteMin);
        reserveBase += msg.value;
        reserveQuote -= quote;
        emit Sold(msg.sender, msg.value, quote);
        if (!token.transfer(msg.sender, quote)) revert TokenRefused();
    }

    function _pay(address to, uint256 amount) private {
        (bool paid, ) = to.call{value: amount}("");
        if (!paid) revert PaymentRefused(to);
    }
}
