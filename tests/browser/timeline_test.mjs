// What is known of a room's messages, and what a list of them shows; without a browser.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildRows } from '../../net/www/view/rows.js';
import { message, minute, noon, seqs, timelineOf } from './messages.mjs';

describe('A timeline', () => {
  it('is in order and without repeats, however messages come', () => {
    const timeline = timelineOf(message(5), message(6));
    timeline.merge([message(3), message(4), message(5)]);
    assert.equal(timeline.merge([message(6)]), false);
    timeline.merge([message(7)]);
    assert.deepEqual(seqs(timeline), [3, 4, 5, 6, 7]);
    assert.equal(timeline.lastSeq, 7);
  });

  it('has no older messages before the first one of the room', () => {
    const timeline = timelineOf(message(2));
    assert.equal(timeline.hasOlder, true);
    timeline.mergeBefore(2, { messages: [message(1)], has_more: false });
    assert.equal(timeline.hasOlder, false);
  });

  it('has no older messages where the server keeps none', () => {
    const timeline = timelineOf(message(7));
    timeline.mergeBefore(7, { messages: [], has_more: false });
    assert.equal(timeline.hasOlder, false);
  });

  it('knows its gaps, and fills them from the end', () => {
    const timeline = timelineOf(message(1), message(2), message(10));
    assert.deepEqual(timeline.gapBefore(2), {
      after: 2,
      before: 10,
      count: 7,
      gone: false,
      skipped: false,
    });
    assert.equal(timeline.gapBefore(1), undefined);
    timeline.mergeBefore(10, { messages: [message(8), message(9)], has_more: true });
    assert.equal(timeline.gapBefore(2).count, 5);
    timeline.mergeBefore(8, {
      messages: [3, 4, 5, 6, 7].map((seq) => message(seq)),
      has_more: true,
    });
    assert.equal(timeline.gapBefore(2), undefined);
  });

  it('knows a gap behind its last message', () => {
    const timeline = timelineOf(message(1));
    timeline.lastSeq = 3;
    assert.equal(timeline.gapBefore(1).count, 2);
  });

  it('takes a later version of a message, and never an earlier one', () => {
    const timeline = timelineOf(message(1, { rev: 1 }), message(2, { rev: 2 }));
    assert.equal(timeline.merge([message(1, { rev: 3, content: 'better' })]), true);
    assert.equal(timeline.merge([message(1, { rev: 1 }), message(2, { rev: 2 })]), false);
    assert.equal(timeline.find(1).content, 'better');
    assert.equal(timeline.find(3), undefined);
  });

  it('says of a gap that the server cannot fill that it is gone', () => {
    const timeline = timelineOf(message(1), message(10));
    timeline.mergeBefore(10, { messages: [message(8), message(9)], has_more: false });
    assert.deepEqual(timeline.gapBefore(1), {
      after: 1,
      before: 8,
      count: 6,
      gone: true,
      skipped: false,
    });
  });
});

describe('A timeline that the reader jumps in', () => {
  const page = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
  const gaps = (timeline) =>
    timeline.messages
      .map((_, i) => timeline.gapBefore(i + 1))
      .filter((gap) => gap)
      .map(({ after, before, skipped, gone }) => [after, before, skipped, gone]);

  it('holds a page from the middle, between gaps that nobody missed', () => {
    const timeline = timelineOf(...page(90, 99));
    timeline.mergeAround({ messages: page(40, 49), has_more_before: true });
    assert.deepEqual(gaps(timeline), [[49, 90, true, false]]);
    assert.equal(timeline.hasOlder, true);
    timeline.mergeAround({ messages: page(60, 69), has_more_before: true });
    assert.deepEqual(gaps(timeline), [
      [49, 60, true, false],
      [69, 90, true, false],
    ]);
    timeline.mergeBefore(90, { messages: page(80, 89), has_more: true });
    timeline.mergeAfter(69, { messages: page(70, 74), has_more: true });
    assert.deepEqual(gaps(timeline), [
      [49, 60, true, false],
      [74, 80, true, false],
    ]);
    timeline.mergeAfter(74, { messages: page(75, 84), has_more: true });
    timeline.mergeAfter(49, { messages: page(50, 60), has_more: true });
    assert.deepEqual(gaps(timeline), []);
    timeline.mergeAround({ messages: page(1, 9), has_more_before: false });
    assert.equal(timeline.hasOlder, false);
  });

  it('does not take for skipped what was missed', () => {
    const timeline = timelineOf(message(1), message(50));
    timeline.mergeAround({ messages: page(20, 29), has_more_before: true });
    assert.deepEqual(gaps(timeline), [
      [1, 20, false, false],
      [29, 50, false, false],
    ]);
    timeline.mergeAround({ messages: page(50, 51), has_more_before: true });
    timeline.lastSeq = 60;
    assert.deepEqual(gaps(timeline).at(-1), [51, 61, false, false]);
  });

  it('knows where the server has nothing more between', () => {
    const timeline = timelineOf(message(50));
    timeline.mergeAround({ messages: page(20, 29), has_more_before: true });
    timeline.mergeAfter(29, { messages: [], has_more: false });
    assert.deepEqual(gaps(timeline), [[29, 50, true, true]]);
  });

  it('finds the next message where one is gone', () => {
    const timeline = timelineOf(message(3), message(5));
    assert.deepEqual(
      [1, 3, 4, 9].map((seq) => timeline.nearest(seq).seq),
      [3, 3, 5, 5],
    );
    assert.equal(timelineOf().nearest(1), undefined);
  });
});

describe('Rows', () => {
  const rowsOf = (timeline, options = {}) =>
    buildRows({ timeline, pending: [], ...options }, { userId: 'ana', username: 'ana' });
  const kinds = (rows) => rows.map((row) => (row.continued ? 'continued' : row.kind));

  it('continue an author for some minutes, and begin again with another one, day or gap', () => {
    const timeline = timelineOf(
      message(1),
      message(2, { at: noon + minute }),
      message(3, { at: noon + 10 * minute }),
      message(4, { at: noon + 10 * minute, user: 'ben' }),
      message(6, { at: noon + 11 * minute, user: 'ben' }),
      message(7, { at: noon + 24 * 60 * minute, user: 'ben' }),
    );
    assert.deepEqual(kinds(rowsOf(timeline)), [
      'start',
      'day',
      'message',
      'continued',
      'message',
      'message',
      'gap',
      'message',
      'day',
      'message',
    ]);
  });

  it('have each day once, though clocks go back', () => {
    const day = 24 * 60 * minute;
    const days = [0, day, 0, day, 2 * day].map((later, i) => message(i + 1, { at: noon + later }));
    const entry = { clientId: 'x', room: 'r', content: 'hi', writtenAt: noon, order: noon };
    const rows = rowsOf(timelineOf(...days), { pending: [entry] });
    assert.deepEqual(
      rows.filter(({ kind }) => kind === 'day').map(({ key }) => key),
      [...new Set(rows.map(({ key }) => key))].filter((key) => key.startsWith('day-')),
    );
    assert.equal(rows.filter(({ kind }) => kind === 'day').length, 3);
  });

  it('mark what is new once, where it begins', () => {
    const rows = rowsOf(timelineOf(message(1), message(2), message(3)), { newAfter: 1 });
    assert.deepEqual(kinds(rows), ['start', 'day', 'message', 'new', 'message', 'continued']);
  });

  it('leave out an event of the program around the server that has no text', () => {
    const silent = { ...message(2), event: 'polled', args: [], content: '' };
    const spoken = { ...message(3), event: 'polled', args: [], content: 'a poll' };
    const rows = rowsOf(timelineOf(message(1), silent, spoken), { newAfter: 1 });
    assert.deepEqual(kinds(rows), ['start', 'day', 'message', 'new', 'message']);
    assert.equal(rows.at(-1).message.content, 'a poll');
  });

  it('do not mark the first message that is loaded as new where older ones may be', () => {
    const rows = rowsOf(timelineOf(message(5), message(6)), { newAfter: 2 });
    assert.deepEqual(kinds(rows), ['older', 'day', 'message', 'continued']);
  });

  it('keep the key of a message from the moment it was written', () => {
    const entry = { clientId: 'x', room: 'r', content: 'hi', writtenAt: noon, order: noon };
    const [waiting] = rowsOf(timelineOf(), { pending: [entry] }).slice(-1);
    const [stored] = rowsOf(timelineOf(message(1, { client_id: 'x' }))).slice(-1);
    assert.equal(waiting.key, stored.key);
    const [foreign] = rowsOf(timelineOf(message(1, { client_id: 'x', user: 'ben' }))).slice(-1);
    assert.notEqual(foreign.key, stored.key);
  });
});
