import { strikeOf, type Fault } from './fault.ts';
import { playArtifactCorrupt, playArtifactsUnwritable } from './plays/artifacts.ts';
import { playKill, playTwoWorkers } from './plays/kill.ts';
import { playSameIdTwice } from './plays/same-id.ts';
import { playBrokerAway, playBrokerKill, playTemporalKill } from './plays/servers.ts';
import { playTerminate } from './plays/terminate.ts';
import { playZombie } from './plays/zombie.ts';
import type { Firing, Scene } from './scene.ts';

/** Follows one fault from its strike to the recovery. @throws FaultDidNotFire */
export async function playFault(scene: Scene, fault: Fault, index: number): Promise<Firing> {
  const strike = strikeOf(fault, index);
  switch (fault.kind) {
    case 'kill-before':
    case 'kill-between':
    case 'kill-after':
      return playKill(scene, strike);
    case 'two-workers':
      return playTwoWorkers(scene, strike);
    case 'zombie':
      return playZombie(scene, strike);
    case 'broker-kill':
      return playBrokerKill(scene, strike);
    case 'broker-away':
      return playBrokerAway(scene, strike);
    case 'temporal-kill':
      return playTemporalKill(scene, strike);
    case 'artifacts-unwritable':
      return playArtifactsUnwritable(scene, strike);
    case 'artifact-corrupt':
      return playArtifactCorrupt(scene, strike, fault.dice);
    case 'same-id-twice':
      return playSameIdTwice(scene, strike);
    case 'terminate':
      return playTerminate(scene, strike);
  }
}
