import {
  type PinAct,
  type ServiceAct,
  type ServiceRole,
  pinActs,
  serviceRoles,
} from '../../shared/model/service.ts';

/** Who may do what in service mode, this role and all above it: the one table of it. */
const actsFrom: Readonly<Record<ServiceAct, ServiceRole>> = {
  openDoor: 'restocker',
  acceptStock: 'restocker',
  addLot: 'restocker',
  removeLot: 'restocker',
  beginRestock: 'restocker',
  nextRestock: 'restocker',
  breakOffRestock: 'restocker',
  moveProduct: 'restocker',
  undoMove: 'restocker',
  saveDifferences: 'restocker',
  takePhoto: 'restocker',
  undoPhoto: 'restocker',
  acceptCooling: 'restocker',
  testDevice: 'technician',
  selfTest: 'technician',
  setLight: 'technician',
  sendCharges: 'administrator',
  changePin: 'restocker',
  supportBundle: 'technician',
  askOffice: 'administrator',
  deleteFaces: 'administrator',
  restartApp: 'administrator',
  shutDown: 'administrator',
  updateNow: 'administrator',
  postponeUpdate: 'administrator',
  changeSettings: 'administrator',
  undoSettings: 'administrator',
  findDevices: 'technician',
  tryDevice: 'technician',
  leaveOutDevice: 'technician',
  dropProfile: 'technician',
  saveProfile: 'technician',
  undoProfile: 'technician',
  readLog: 'administrator',
};

export function mayDo(role: ServiceRole, act: ServiceAct): boolean {
  return serviceRoles.indexOf(role) >= serviceRoles.indexOf(actsFrom[act]);
}

/** Whether the PIN is typed for it each time. */
export function needsPin(act: ServiceAct): act is PinAct {
  return (pinActs as readonly ServiceAct[]).includes(act);
}
