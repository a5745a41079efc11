// Reads a transcript with whatsapp-chat-parser as `bench chats` does with
// closeroll's, and prints the same line: name, messages, best megabytes a
// second on the wall and on the processor.
import { readFileSync } from "node:fs";
import { parseString } from "whatsapp-chat-parser";

const [file, rounds] = process.argv.slice(2);
const octets = readFileSync(file);
const text = octets.toString("utf8");
let messages = 0, wall = Infinity, cpu = Infinity;
for (let i = 0; i < Number(rounds); i++) {
  const used = process.cpuUsage();
  const start = process.hrtime.bigint();
  messages = parseString(text, { parseAttachments: true }).length;
  wall = Math.min(wall, Number(process.hrtime.bigint() - start) / 1e9);
  const now = process.cpuUsage(used);
  cpu = Math.min(cpu, (now.user + now.system) / 1e6);
}
const rate = (s) => (octets.length / 1e6 / s).toFixed(1);
console.log(["whatsapp-chat-parser", messages, rate(wall), rate(cpu)].join("\t"));
