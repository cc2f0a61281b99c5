import { newId } from './ids.js';
import { checkedSettings } from './settings.js';
import { Tree } from './tree.js';

const FORMAT = 'barnraiser-conversations';
const VERSION = 1;
const ROLES = ['user', 'assistant'];
const MARK = /^<!-- barnraiser:(user|assistant|title) -->$/;
const TEXT_FIELDS = ['model', 'fingerprint', 'finish'];
const NUMBER_FIELDS = ['tokens', 'promptTokens', 'seconds', 'leftOut'];

/** A file that cannot be read; reason is 'json', 'format' or 'message'. */
export class ImportError extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Everything, with all branches, as JSON. */
export function toJson(conversations) {
  return JSON.stringify({ format: FORMAT, version: VERSION, conversations }, null, 1);
}

/**
 * Reads what toJson wrote. The file may come from anywhere, so only known fields of the right type are taken.
 *
 * @returns {{conversation: object, messages: object[]}[]}
 * @throws ImportError
 */
export function fromJson(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new ImportError('json');
  }
  if (file?.format !== FORMAT || file.version !== VERSION || !Array.isArray(file.conversations)) {
    throw new ImportError('format');
  }
  return file.conversations.map(conversationFrom);
}

/** What the reader sees of a conversation now, to be read by people. */
export function toMarkdown(conversation, messages, names) {
  const parts = [`<!-- barnraiser:title -->\n# ${conversation.title.replace(/\s+/g, ' ')}`];
  for (const message of new Tree(messages).path(conversation.leaf)) {
    const files = (message.attachments ?? []).map(({ name }) => `*${names.attached}: ${name}*\n\n`).join('');
    parts.push(`<!-- barnraiser:${message.role} -->\n## ${message.role === 'user' ? names.reader : message.model ?? names.model}\n\n`
      + files + message.text);
  }
  return `${parts.join('\n\n')}\n`;
}

/** Several conversations in one file. */
export function allToMarkdown(all, names) {
  return all.map(({ conversation, messages }) => toMarkdown(conversation, messages, names)).join('\n---\n\n');
}

/**
 * Reads what toMarkdown wrote; branches, files and settings are not in it.
 *
 * @throws ImportError when nothing in it looks like a conversation
 */
export function fromMarkdown(text) {
  const found = [];
  let lines = [];
  for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
    const mark = MARK.exec(line)?.[1];
    if (mark === 'title') {
      lines = [];
      found.push({ title: lines, parts: [] });
    } else if (mark && found.length > 0) {
      lines = [];
      found.at(-1).parts.push({ role: mark, lines });
    } else {
      lines.push(line);
    }
  }
  if (found.length === 0) {
    throw new ImportError('format');
  }
  return found.map(({ title, parts }, index) => chain(title.join(' ').replace(/^#\s*/, '').trim(), parts,
    index < found.length - 1));
}

function chain(title, parts, dividerFollows) {
  const conversation = newConversation(title);
  const messages = [];
  parts.forEach(({ role, lines }, index) => {
    const body = lines.slice(1).join('\n').trim();
    const last = dividerFollows && index === parts.length - 1;
    messages.push({
      id: newId(),
      conversation: conversation.id,
      parent: messages.at(-1)?.id ?? null,
      role,
      text: last ? body.replace(/\n*---$/, '') : body,
      createdAt: conversation.createdAt + index,
      ...(role === 'assistant' ? { finish: 'stop', model: lines[0].replace(/^##\s*/, '') } : {}),
    });
  });
  return { conversation: { ...conversation, leaf: messages.at(-1)?.id ?? null }, messages };
}

/** A conversation without messages. */
export function newConversation(title = '') {
  const now = Date.now();
  return { id: newId(), title, pinned: false, createdAt: now, updatedAt: now, leaf: null, settings: checkedSettings(null) };
}

function conversationFrom(entry) {
  const given = entry?.conversation;
  if (!isText(given?.id) || !Array.isArray(entry.messages)) {
    throw new ImportError('format');
  }
  const messages = entry.messages.map((message) => messageFrom(message, given.id));
  const ids = new Set(messages.map(({ id }) => id));
  if (ids.size !== messages.length || messages.some(({ parent }) => parent !== null && !ids.has(parent))
      || hasCircle(messages)) {
    throw new ImportError('message');
  }
  const conversation = {
    id: given.id,
    title: isText(given.title) ? given.title : '',
    pinned: given.pinned === true,
    createdAt: time(given.createdAt),
    updatedAt: time(given.updatedAt),
    leaf: ids.has(given.leaf) ? given.leaf : messages.at(-1)?.id ?? null,
    settings: checkedSettings(given.settings),
  };
  return { conversation, messages };
}

function messageFrom(given, conversation) {
  if (!isText(given?.id) || !ROLES.includes(given.role) || !isText(given.text)) {
    throw new ImportError('message');
  }
  const message = {
    id: given.id,
    conversation,
    parent: isText(given.parent) ? given.parent : null,
    role: given.role,
    text: given.text,
    createdAt: time(given.createdAt),
  };
  TEXT_FIELDS.filter((name) => isText(given[name])).forEach((name) => { message[name] = given[name]; });
  NUMBER_FIELDS.filter((name) => Number.isFinite(given[name])).forEach((name) => { message[name] = given[name]; });
  if (isText(given.error?.reason) && isText(given.error.message)) {
    const { reason, message: sentence, code } = given.error;
    message.error = { reason, message: sentence, code: isText(code) ? code : null };
  }
  if (Array.isArray(given.attachments)) {
    message.attachments = given.attachments.filter((each) => isText(each?.name) && isText(each.text))
      .map(({ name, text, bytes }) => ({ name, text, bytes: Number.isFinite(bytes) ? bytes : text.length }));
  }
  if (Array.isArray(given.places)) {
    message.places = given.places.map(placeFrom).filter((place) => place.stages.length > 0);
  }
  return message;
}

function placeFrom(given) {
  const others = (Array.isArray(given?.others) ? given.others : []).map(stagesFrom).filter((stages) => stages.length > 0);
  return { stages: stagesFrom(given?.stages), ...others.length > 0 && { others } };
}

function stagesFrom(given) {
  return (Array.isArray(given) ? given : [])
    .filter((each) => isText(each?.worker) && Number.isInteger(each.first) && Number.isInteger(each.last))
    .map(({ worker, host, first, last }) => ({ worker, host: isText(host) ? host : '', first, last }));
}

function hasCircle(messages) {
  const parents = new Map(messages.map(({ id, parent }) => [id, parent]));
  const clear = new Set();
  for (const { id } of messages) {
    const walked = new Set();
    for (let at = id; at !== null && !clear.has(at); at = parents.get(at)) {
      if (walked.has(at)) {
        return true;
      }
      walked.add(at);
    }
    walked.forEach((each) => clear.add(each));
  }
  return false;
}

function isText(value) {
  return typeof value === 'string';
}

function time(value) {
  return Number.isFinite(value) ? value : Date.now();
}
