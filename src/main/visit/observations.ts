import { type Observation, unnamedReaderId } from '../../core/recognition/inventory-estimator.ts';
import { unreachable } from '../../shared/assert.ts';
import type { DeviceEvent } from '../devices/device-host.ts';

/**
 * What a message of the device host tells the inventory estimator; empty: nothing about the shelf. A new sensor is
 * added here. `atMs`: main's monotonic time now.
 */
export function observationsOf(event: DeviceEvent, atMs: number): readonly Observation[] {
  switch (event.type) {
    case 'tags': {
      const { deviceId = unnamedReaderId, reads, atMs: readerMs, sinceMs, behindDoor } = event;
      return [{ kind: 'tags', deviceId, atMs, reads, readerMs, sinceMs, behindDoor }];
    }
    case 'weight': {
      const { lane, milligrams, stable: isStable, state } = event;
      // A scale names its lanes, not itself.
      return [{ kind: 'weight', deviceId: `lane-${lane}`, atMs, lane, milligrams, isStable, state }];
    }
    case 'door':
      return [
        {
          kind: 'door',
          deviceId: 'lock',
          atMs,
          door: event.door,
          doors: event.doors,
          unreadMs: event.unreadMs,
        },
      ];
    case 'health': {
      const sensors = event.devices.map(({ id, kind, state }) => {
        return { deviceId: id, kind, isReady: state === 'ready' };
      });
      return [{ kind: 'sensors', deviceId: 'host', atMs, sensors }];
    }
    case 'hostGone':
      // Until it is back nobody sees the door, nor anything else.
      return [
        { kind: 'door', deviceId: 'lock', atMs, door: 'unknown' },
        { kind: 'sensors', deviceId: 'host', atMs, sensors: [] },
      ];
    case 'code':
      // The scanner hangs outside, for codes of members: they are nobody's goods, and nobody else's business.
      return [];
    case 'temperature':
      // Of the cabinet, not of what lies in it (main/cooling).
      return [];
    case 'hostStarted':
      return [];
    default:
      return unreachable(event);
  }
}
