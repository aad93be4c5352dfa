/** The 8 bytes that begin a control transfer (USB 2.0 §9.3). */
export interface Setup {
  readonly isIn: boolean;
  readonly kind: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint' | 'other';
  readonly request: number;
  readonly value: number;
  readonly index: number;
  /** Bytes of the data stage. */
  readonly length: number;
}

/** USB 2.0 §9.4, bRequest. */
export const standardRequests = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getDescriptor: 6,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
} as const;

const kinds = ['standard', 'class', 'vendor'] as const;
const recipients = ['device', 'interface', 'endpoint', 'other'] as const;

/** Null when it is not 8 bytes or names a reserved type or recipient. */
export function parseSetup(bytes: Uint8Array): Setup | null {
  if (bytes.length !== 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const type = view.getUint8(0);
  const kind = kinds[(type >> 5) & 3];
  const recipient = recipients[type & 0x1f];
  if (kind === undefined || recipient === undefined) return null;
  return {
    isIn: (type & 0x80) !== 0,
    kind,
    recipient,
    request: view.getUint8(1),
    value: view.getUint16(2, true),
    index: view.getUint16(4, true),
    length: view.getUint16(6, true),
  };
}

export function requestIs(setup: Setup, direction: 'in' | 'out', request: number): boolean {
  return setup.isIn === (direction === 'in') && setup.request === request;
}
