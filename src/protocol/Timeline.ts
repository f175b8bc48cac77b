/** A timeline's identity: the chain id of CAIP-2, `namespace:reference`, as in `eip155:31337`. */
export type TimelineId = string;

const CAIP2 = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/;
const EVM = /^eip155:(0|[1-9][0-9]{0,15})$/;

export const isTimelineId = (text: string): text is TimelineId => CAIP2.test(text);

/** The chain id of an EVM timeline; `undefined` for another namespace or an id past 2^53. */
export function evmChainId(timeline: TimelineId): number | undefined {
  const match = EVM.exec(timeline);
  if (match === null) return undefined;
  const id = Number(match[1]);
  return Number.isSafeInteger(id) ? id : undefined;
}

export const evmTimeline = (chainId: number): TimelineId => `eip155:${chainId}`;
