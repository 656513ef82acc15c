/** YAML between fences, with Slack's three escapes; null where there is none, and where it holds a fence and could break out. Pure. */
export function codeBlock(yaml: string | null): string | null {
  if (yaml === null || yaml.includes("```")) return null;
  const escaped = yaml.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `\`\`\`\n${escaped}\`\`\``;
}
