// The page's own labels. What the bot says is the bot's affair.

const WORDS = {
  zh: {
    brand: "客管 · 模拟 Telegram",
    moveClock: "拨动时钟",
    hour: "+1 小时",
    hours: "+8 小时",
    aDay: "+1 天",
    next: "下一件到期",
    coming: "时钟接下来",
    nothing: "没有等待到期的事项",
    addPhone: "添加手机",
    everyone: "所有人的手机都已打开",
    language: "Switch to English",
    other: "EN",
    offline: "与模拟服务器的连接已断开，正在重试……",
    phones: "手机",
    phoneOf: (name) => `${name}的手机`,
    closePhone: "收起这部手机",
    chats: "会话",
    messages: "消息",
    start: "开始",
    commands: "命令菜单",
    noCommands: "机器人还没有设置命令",
    attach: "发送附件",
    type: "输入消息",
    send: "发送",
    edited: "已编辑",
    unread: (count) => `${count} 条未读`,
    photo: "照片",
    location: "位置",
    voice: "语音",
    contact: "名片",
    document: "文件",
    good: "知道了",
    refused: "没有发出",
    today: "今天",
    weekdays: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    day: (d, weekday) => `${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${weekday}`,
    year: (d, weekday) => `${d.getUTCFullYear()}年${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${weekday}`,
  },
  en: {
    brand: "Keguan · simulated Telegram",
    moveClock: "Move the clock",
    hour: "+1 h",
    hours: "+8 h",
    aDay: "+1 day",
    next: "Next thing due",
    coming: "Coming up",
    nothing: "Nothing is waiting",
    addPhone: "Add a phone",
    everyone: "Everybody's phone is open",
    language: "切换到中文",
    other: "中",
    offline: "Lost the simulated server, trying again…",
    phones: "Phones",
    phoneOf: (name) => `${name}'s phone`,
    closePhone: "Put this phone away",
    chats: "Chats",
    messages: "Messages",
    start: "Start",
    commands: "Command menu",
    noCommands: "The bot has set no commands yet",
    attach: "Attach",
    type: "Message",
    send: "Send",
    edited: "edited",
    unread: (count) => `${count} unread`,
    photo: "Photo",
    location: "Location",
    voice: "Voice note",
    contact: "Contact",
    document: "File",
    good: "OK",
    refused: "Not sent",
    today: "Today",
    weekdays: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
    day: (d, weekday) => `${weekday} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`,
    year: (d, weekday) => `${weekday} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`,
  },
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

let language = localStorage.getItem("language") === "en" ? "en" : "zh";

export const word = (name) => WORDS[language][name];

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
}

/** Write the labels into everything under `root` that asks for one by data-word, data-label or data-hint. */
export function label(root) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const each of root.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of root.querySelectorAll("[data-hint]")) each.placeholder = word(each.dataset.hint);
  for (const each of root.querySelectorAll("[data-label]")) {
    each.setAttribute("aria-label", word(each.dataset.label));
    if (each.tagName === "BUTTON") each.title = word(each.dataset.label);
  }
}
