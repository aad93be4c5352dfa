import { type ServiceAct, type ServiceRole, serviceRoles } from '../../shared/model/service.ts';

interface ActRule {
  /** This role and all above it. */
  readonly from: ServiceRole;
  /** The PIN must have been typed a moment ago: whoever finds an open session gains nothing by it. */
  readonly needsFreshPin: boolean;
}

/** Who may do what in service mode: the one table of it. */
export const actRules: Readonly<Record<ServiceAct, ActRule>> = {
  openDoor: { from: 'restocker', needsFreshPin: false },
  acceptStock: { from: 'restocker', needsFreshPin: false },
  addLot: { from: 'restocker', needsFreshPin: false },
  removeLot: { from: 'restocker', needsFreshPin: false },
  beginRestock: { from: 'restocker', needsFreshPin: false },
  nextRestock: { from: 'restocker', needsFreshPin: false },
  breakOffRestock: { from: 'restocker', needsFreshPin: false },
  acceptCooling: { from: 'restocker', needsFreshPin: true },
  testDevice: { from: 'technician', needsFreshPin: false },
  selfTest: { from: 'technician', needsFreshPin: false },
  setLight: { from: 'technician', needsFreshPin: false },
  sendCharges: { from: 'administrator', needsFreshPin: false },
  changePin: { from: 'restocker', needsFreshPin: true },
  supportBundle: { from: 'technician', needsFreshPin: false },
  askOffice: { from: 'administrator', needsFreshPin: false },
  deleteFaces: { from: 'administrator', needsFreshPin: true },
  restartApp: { from: 'administrator', needsFreshPin: true },
  shutDown: { from: 'administrator', needsFreshPin: true },
  updateNow: { from: 'administrator', needsFreshPin: false },
  postponeUpdate: { from: 'administrator', needsFreshPin: false },
  changeSettings: { from: 'administrator', needsFreshPin: true },
  undoSettings: { from: 'administrator', needsFreshPin: true },
  findDevices: { from: 'technician', needsFreshPin: false },
  tryDevice: { from: 'technician', needsFreshPin: false },
  leaveOutDevice: { from: 'technician', needsFreshPin: false },
  dropProfile: { from: 'technician', needsFreshPin: false },
  saveProfile: { from: 'technician', needsFreshPin: true },
  undoProfile: { from: 'technician', needsFreshPin: true },
  readLog: { from: 'administrator', needsFreshPin: true },
};

export function mayDo(role: ServiceRole, act: ServiceAct): boolean {
  return serviceRoles.indexOf(role) >= serviceRoles.indexOf(actRules[act].from);
}
