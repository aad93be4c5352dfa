import { ShelfCameras } from '../goods/shelf-cameras.ts';
import { GoodsMemory } from '../goods/goods-memory.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { GalleryMessage } from '../../shared/model/goods-view.schema.ts';
import type { EvidenceParts } from './evidence.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface ShelfCameraParts {
  readonly shelfCameras: ShelfCameras;
  readonly goodsGallery: () => GalleryMessage | null;
  /** There is another order for the cameras inside, or none. */
  readonly shelfOrder: Listeners;
}

/** The cameras inside: what they see goes to the visit, how they are to staff, their pictures to the evidence. */
export function composeShelfCameras(
  { settings, clock, random, logger }: KioskPorts,
  { database }: Storage,
  operator: OperatorParts,
  { visitLoop, deviceFaults }: VisitParts,
  evidence: EvidenceParts | null,
): ShelfCameraParts {
  const shelfOrder = new Listeners(clock);
  const memory = new GoodsMemory(new MetaStore(database), logger);
  const shelfCameras = new ShelfCameras({
    cameras: settings.settings.shelf.cameras,
    memory,
    clock,
    nowMs: () => operator.clock.nowMs(),
    random,
    logger,
    stock: () => visitLoop.stockCounts,
    observe: (observation) => {
      visitLoop.seen(observation);
    },
    evidence: (picture) => {
      evidence?.recorder.pictureTaken(picture);
    },
    onHealth: (health) => {
      deviceFaults.camerasUpdate(health);
    },
    onOrder: () => {
      shelfOrder.emit();
    },
  });
  return { shelfCameras, goodsGallery: () => memory.gallery, shelfOrder };
}
