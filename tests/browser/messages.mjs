// Messages as the server sends them, for tests of the page's model.
import { Timeline } from '../../net/www/model/timeline.js';

export const minute = 60_000;
export const noon = new Date(2024, 4, 15, 12).getTime();

export const message = (seq, { user = 'ana', at = noon, ...rest } = {}) => ({
  seq,
  user_id: user,
  username: user,
  content: `m${seq}`,
  created_at: new Date(at).toISOString(),
  ...rest,
});

export const seqs = (timeline) => timeline.messages.map(({ seq }) => seq);

export function timelineOf(...messages) {
  const timeline = new Timeline();
  timeline.merge(messages);
  timeline.seeded = true;
  return timeline;
}
