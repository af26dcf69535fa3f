// The page's own labels. What the bot says is the bot's affair.

export const WORDS = {
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
    unreachable: "连不上服务器",
    clockStuck: (why) => `时钟没有拨动：${why}。请再试一次。`,
    tour: "导览",
    tourFill: "替我填好",
    tourLeave: "退出导览",
    tourEnd: "结束",
    logLine: "/log 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系",
    complainLine: "/complain 华航橡胶 胶管开裂",
    tourSteps: {
      log: (sales) => `在${sales}的手机上，用一句话记沟通：客户、方式、时间、谁、谈了什么、下次何时。写好就发送。`,
      save: () => "一句话已经读懂，分项列在卡片上。没错就按“保存”。",
      look: () => "记好了，有了编号，下次联系的日子也替您记着。按“客户卡”看看这家客户。",
      complain: () => "客户来投诉：也是一句话。卡片上写明了几点前要到现场。发送，再按“保存”。",
      wait: () => "要是一直没人管呢？按上面的“+1 天”，把时钟拨到时限。",
      ack: (_, head) => `超时了，已经逐级上报。在${head}的手机上按“确认收到”：知道的人不再被重复催。`,
      arrive: (sales) => `${sales}到了现场：按“到场处理”，选“刚才”，再按“保存”。时限就停表了。`,
      end: () => "走完了：一句话记录，到期提醒，超时上报，到场停表。其余的在输入框左边的菜单里，请随便试。",
    },
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
    ownFile: "自选文件…",
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
    unreachable: "the server can't be reached",
    clockStuck: (why) => `The clock did not move: ${why}. Please try again.`,
    tour: "Tour",
    tourFill: "Fill it in for me",
    tourLeave: "Leave the tour",
    tourEnd: "End",
    logLine: "/log 华航橡胶 phone yesterday 3pm 张工 talked about the Q3 compound, call again next Wednesday",
    complainLine: "/complain 华航橡胶 hose cracked",
    tourSteps: {
      log: (sales) => `On ${sales}'s phone, log a contact in one line: customer, way, time, who, what, when again. Then send it.`,
      save: () => "The line was understood and stands on a card, item by item. If all is right, press “Save”.",
      look: () => "Recorded, with a number, and the next date is remembered for you. Press “Customer” to see the file.",
      complain: () => "A customer complains: one line again. The card names the time by which to be on site. Send it, then press “Save”.",
      wait: () => "And if nobody cares? Press “+1 day” above and move the clock to the limit.",
      ack: (_, head) => `Overdue, so it went up the line. On ${head}'s phone press “Acknowledge”: who knows is not told again and again.`,
      arrive: (sales) => `${sales} is at the customer's: press “On site”, choose “Just now”, then “Save”. That stops the limit.`,
      end: () => "Done: logged in a line, reminded in time, escalated when late, stopped on site. The rest is in the menu beside the input line.",
    },
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
    ownFile: "Choose a file…",
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

/** The page's language, "zh" or "en". */
export const spoken = () => language;
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
