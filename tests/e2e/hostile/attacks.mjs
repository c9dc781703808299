// The table of attacks. Each has a title, the memory that it may at most cost with given settings,
// and `run`, which makes it and fails where the server gave way.
import { attachments } from './attachments.mjs';
import { compressionBombs } from './compression_bombs.mjs';
import { slowBodies, slowFragments, slowFrames, slowHeads } from './dribble.mjs';
import { forgedTokens } from './forged_tokens.mjs';
import { halfUpgrades } from './half_upgrades.mjs';
import { reconnectStorm } from './reconnect_storm.mjs';
import { recoveryStorm } from './recovery_storm.mjs';
import { roomFlood } from './room_flood.mjs';
import { silentPolls } from './silent_polls.mjs';
import { silentReader } from './silent_reader.mjs';
import { tinyFragments } from './tiny_fragments.mjs';

export const attacks = [
  slowHeads,
  slowBodies,
  slowFrames,
  slowFragments,
  halfUpgrades,
  silentPolls,
  silentReader,
  tinyFragments,
  attachments,
  compressionBombs,
  reconnectStorm,
  recoveryStorm,
  roomFlood,
  forgedTokens,
];
