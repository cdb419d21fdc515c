const FINAL_TEXT = 0x81
const TWO_BYTES = 126
const EIGHT_BYTES = 127

/** A text as one frame of a WebSocket server: final, not masked, not compressed. RFC 6455, section 5.2. */
export function textFrame(text: string): Buffer {
  const bytes = Buffer.byteLength(text)
  const header = bytes < TWO_BYTES ? 2 : bytes < 0x1_0000 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + bytes)
  frame[0] = FINAL_TEXT
  if (header === 2) frame[1] = bytes
  else if (header === 4) {
    frame[1] = TWO_BYTES
    frame.writeUInt16BE(bytes, 2)
  } else {
    frame[1] = EIGHT_BYTES
    frame.writeBigUInt64BE(BigInt(bytes), 2)
  }
  frame.write(text, header)
  return frame
}
