import type { GoodsEyes } from '../goods/goods-eyes.ts';
import { GoodsMemory } from '../goods/goods-memory.ts';
import { ShelfCameras } from '../goods/shelf-cameras.ts';
import { ShelfPhotos } from '../goods/shelf-photos.ts';
import { MetaStore } from '../storage/meta-store.ts';
import { Listeners } from '../../shared/util/listeners.ts';
import type { EvidenceParts } from './evidence.ts';
import type { KioskPorts } from './kiosk.ts';
import type { OperatorParts } from './operator.ts';
import type { Storage } from './storage.ts';
import type { VisitParts } from './visit.ts';

export interface ShelfCameraParts {
  readonly shelfCameras: ShelfCameras;
  readonly shelfPhotos: ShelfPhotos;
  readonly goodsEyes: GoodsEyes;
}

/** The cameras inside: what they see goes to the visit, how they are to staff, their pictures to the evidence. */
export function composeShelfCameras(
  { settings, clock, random, logger }: KioskPorts,
  { database }: Storage,
  operator: OperatorParts,
  { visitLoop, deviceFaults }: VisitParts,
  evidence: EvidenceParts | null,
): ShelfCameraParts {
  const changed = new Listeners(clock);
  const memory = new GoodsMemory(new MetaStore(database), logger);
  const { cameras } = settings.settings.shelf;
  const common = {
    cameras,
    memory,
    clock,
    random,
    onOrder: () => {
      changed.emit();
    },
  };
  const shelfCameras = new ShelfCameras({
    ...common,
    nowMs: () => operator.clock.nowMs(),
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
  });
  const shelfPhotos = new ShelfPhotos({ ...common, isTaken: () => shelfCameras.order !== null });
  const ofVisit = (): boolean => shelfCameras.order !== null;
  const goodsEyes: GoodsEyes = {
    order: () => shelfCameras.order ?? shelfPhotos.order,
    gallery: () => memory.gallery,
    report: (nonce, report) =>
      ofVisit() ? shelfCameras.report(nonce, report) : shelfPhotos.report(nonce, report),
    viewGone: () => {
      if (ofVisit()) shelfCameras.viewGone();
      else shelfPhotos.viewGone();
    },
    changed,
  };
  return { shelfCameras, shelfPhotos, goodsEyes };
}
